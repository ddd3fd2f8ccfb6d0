using Slidebridge.Slides;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A slide in a zip is read in place, and a zip that was made to do harm is refused.</summary>
[Collection(nameof(RunAlone))]
public sealed class ZipTests
{
    static readonly Lazy<Task<byte[]>> Written = new(WriteAsync);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_slide_in_a_zip_has_the_slides_own_pixels(bool deflated, bool zip64)
    {
        var bytes = await Written.Value;
        var zip = new ZipBuilder { Zip64 = zip64, Comment = "a comment with PK\x05\x06 in it" };
        zip.Add("case 1/readme.txt", "hello"u8.ToArray(), deflated);
        zip.Add("__MACOSX/case 1/._slide", [1, 2, 3]);
        zip.Add("case 1/", []);
        zip.Add("case 1/slide", bytes, deflated);
        await AssertSameSlideAsync(bytes, await Slide.OpenAsync(new MemorySource(zip.Build()), cancellationToken: Token));
    }

    [Fact]
    public async Task A_zip_that_a_tool_wrote_opens()
    {
        var bytes = await Written.Value;
        var stream = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = archive.CreateEntry("slide.svs").Open();
            await entry.WriteAsync(bytes, Token);
        }
        await AssertSameSlideAsync(bytes, await Slide.OpenAsync(new MemorySource(stream.ToArray()), cancellationToken: Token));
    }

    [Fact]
    public async Task A_stored_entry_is_read_by_ranges_and_the_rest_of_the_zip_is_not()
    {
        var bytes = await Written.Value;
        var zip = new ZipBuilder();
        zip.Add("padding", new byte[8 * 1024 * 1024]);
        zip.Add("slide", bytes);
        await using var server = await RangeServer.StartAsync();
        await using var slide = await Slide.OpenAsync(server.Serve(zip.Build()).Url, cancellationToken: Token);
        await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token);
        Assert.True(slide.Usage.BytesRead < 1024 * 1024, $"{slide.Usage.BytesRead} bytes were read.");
        Assert.True(slide.Usage.Requests <= 8, $"{slide.Usage.Requests} requests were sent.");
    }

    [Fact]
    public async Task A_deflated_entry_is_unpacked_once_over_http()
    {
        var bytes = await Written.Value;
        var zip = new ZipBuilder();
        zip.Add("slide", bytes, deflated: true);
        var packed = zip.Build();
        await using var server = await RangeServer.StartAsync();
        await using var slide = await Slide.OpenAsync(server.Serve(packed).Url, cancellationToken: Token);
        for (var i = 0; i < 3; i++) await slide.ReadRegionAsync(new Region(0, 0, 0, slide.Width, slide.Height), cancellationToken: Token);
        Assert.InRange(slide.Usage.BytesRead, packed.Length * 0.9, packed.Length * 1.3);
    }

    [Theory]
    [InlineData("../slide")]
    [InlineData("a/../../slide")]
    [InlineData("./slide")]
    [InlineData("/etc/slide")]
    [InlineData("C:/slide")]
    [InlineData("C:\\case 1\\slide")]
    [InlineData("a\\..\\slide")]
    [InlineData("a//slide")]
    [InlineData("\0")]
    [InlineData("")]
    public async Task An_entry_opens_whatever_its_name_for_nothing_is_unpacked_under_it(string name)
    {
        var bytes = await Written.Value;
        var zip = new ZipBuilder();
        zip.Add("case 1\\", []);
        zip.Add(name, bytes);
        var slide = await Slide.OpenAsync(new MemorySource(zip.Build()), cancellationToken: Token);
        Assert.Empty(slide.Warnings);
        await AssertSameSlideAsync(bytes, slide);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sizes_that_stand_behind_the_entries_and_bytes_before_them_do_no_harm(bool zip64)
    {
        var bytes = await Written.Value;
        foreach (var prefix in new[] { [], "MZ the program that unpacks it"u8.ToArray(), new byte[70_000], "#!/bin/sh\n"u8.ToArray() })
            foreach (var isStreamed in new[] { false, true })
            {
                var zip = new ZipBuilder { Zip64 = zip64, Prefix = prefix, IsStreamed = isStreamed };
                zip.Add("stored", "text"u8.ToArray());
                zip.Add("slide", bytes, deflated: isStreamed);
                await AssertSameSlideAsync(bytes, await Slide.OpenAsync(new MemorySource(zip.Build()), cancellationToken: Token));
            }
    }

    [Fact]
    public async Task What_is_no_slide_is_left_out_and_named_by_its_number_in_the_zips_listing_and_by_what_it_is()
    {
        var bytes = await Written.Value;
        var inner = new ZipBuilder();
        inner.Add("word/document.xml", "<w/>"u8.ToArray());
        var zip = new ZipBuilder();
        foreach (var (name, content) in new (string, byte[])[]
        {
            ("Mary Poppins/", []), ("__MACOSX/._slide", [1, 2]), (".DS_Store", [0, 0]),
            ("Mary Poppins.csv", "II,MM,x\r\n"u8.ToArray()), ("desktop.ini", [0xFF, 0xFE, (byte)'[', 0, (byte)'.', 0]), ("Thumbs.db", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
            ("a.xml", [0xEF, 0xBB, 0xBF, .. "<a/>"u8]), ("a.pdf", "%PDF-1.7"u8.ToArray()), ("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0]), ("empty", []), ("report.docx", inner.Build()), ("slide", bytes), ("other", [0, 1, 2, 3]),
        }) zip.Add(name, content);
        var slide = await Slide.OpenAsync(new MemorySource(zip.Build()), cancellationToken: Token);
        var warning = Assert.Single(slide.Warnings);
        Assert.Equal(WarningCode.ObjectsLeftOut, warning.Code);
        Assert.Equal("Objects that do not belong to the slide were left out: object 4 is text, object 5 is text, object 6 is an OLE file such as Thumbs.db, object 7 is XML or HTML, object 8 is a PDF, object 9 is a JPEG picture, object 10 is empty, object 11 is a zip and 1 more.", warning.Message);
        await AssertSameSlideAsync(bytes, slide);
    }

    [Fact]
    public async Task Entries_of_one_name_are_objects_of_their_own()
    {
        var bytes = await Written.Value;
        var zip = new ZipBuilder();
        zip.Add("case/slide", "hello"u8.ToArray());
        zip.Add("case/Slide", bytes);
        zip.Add("case/slide", [0xFF, 0xD8, 0xFF]);
        await AssertSameSlideAsync(bytes, await Slide.OpenAsync(new MemorySource(zip.Build()), cancellationToken: Token));
    }

    [Fact]
    public async Task A_slide_and_a_series_in_one_zip_are_two_slides() =>
        await AssertRefusedAsync(zip => { zip.Add("a", "II*\0 a slide"u8.ToArray()); zip.Add("folder/", []); zip.Add("b", File.ReadAllBytes(SharedFiles.Find("reported/dicom_dup/0.dcm"))); }, "object 1 is a separate slide");

    [Fact]
    public async Task Nothing_but_other_files_is_told_by_what_they_are() =>
        await AssertRefusedAsync(zip => { zip.Add("a", "hello"u8.ToArray()); zip.Add("b", "%PDF-1.7"u8.ToArray()); }, "The 2 objects are not a slide: object 1 is text, object 2 is a PDF. Expected");

    [Theory]
    [InlineData("zip_backslash.zip", 0)]
    [InlineData("zip_thumbs.zip", 1)]
    public async Task Zips_that_were_reported_open(string file, int warnings)
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.Find("reported/" + file), cancellationToken: Token);
        Assert.Equal(warnings, slide.Warnings.Count);
        Assert.Equal("dicom-wsi", slide.Format);
        await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token);
    }

    [Fact]
    public async Task An_encrypted_entry_is_refused() => await AssertRefusedAsync(zip => zip.Add("slide", [1]).Encrypted = true, "encrypted");

    [Fact]
    public async Task An_unknown_method_is_refused() => await AssertRefusedAsync(zip => zip.Add("slide", [1]).Method = 14, "method 14");

    [Fact]
    public async Task A_promise_beyond_what_deflate_can_hold_is_refused() =>
        await AssertRefusedAsync(zip => zip.Add("slide", new byte[5000], deflated: true).Length = 1L << 31, "zip bomb");

    [Fact]
    public async Task A_large_entry_that_is_nearly_all_nothing_is_refused() =>
        await AssertRefusedAsync(zip => zip.Add("slide", new byte[300 * 1024 * 1024], deflated: true), "zip bomb");

    [Fact]
    public async Task More_bytes_than_promised_are_not_unpacked() =>
        await AssertRefusedAsync(zip => zip.Add("slide", new byte[4 * 1024 * 1024], deflated: true).Length = 100_000, "more than the allowed 100000 bytes");

    [Fact]
    public async Task Fewer_bytes_than_promised_are_told() =>
        await AssertRefusedAsync(zip => zip.Add("slide", new byte[100_000], deflated: true).Length = 100_001, "100000 bytes instead of 100001");

    [Fact]
    public async Task A_wrong_checksum_is_told() => await AssertRefusedAsync(zip => zip.Add("slide", new byte[1000], deflated: true).Checksum ^= 1, "checksum");

    [Fact]
    public async Task Entries_that_share_bytes_are_refused() =>
        await AssertRefusedAsync(zip => { zip.Add("a", new byte[1000]); zip.Add("b", new byte[1000]).Offset = 10; }, "overlaps");

    [Fact]
    public async Task Thousands_of_entries_are_refused() =>
        await AssertRefusedAsync(zip => { for (var i = 0; i <= SlideObjects.Most; i++) zip.Add($"{i}", [1]); }, $"at most {SlideObjects.Most}");

    [Fact]
    public async Task A_zip_in_a_zip_is_refused()
    {
        var inner = new ZipBuilder();
        inner.Add("slide", await Written.Value);
        await AssertRefusedAsync(zip => zip.Add("inner.zip", inner.Build()), "another zip");
    }

    [Fact]
    public async Task A_zip_without_files_is_told() => await AssertRefusedAsync(zip => zip.Add("folder/", []), "no files");

    [Fact]
    public async Task A_zip_of_two_slides_asks_for_one()
    {
        var bytes = await Written.Value;
        await AssertRefusedAsync(zip => { zip.Add("a", bytes); zip.Add("b", bytes); }, "open only one");
    }

    [Fact]
    public async Task Any_changed_byte_or_cut_end_is_met_in_time_and_memory()
    {
        var slide = await Written.Value;
        foreach (var deflated in new[] { false, true })
        {
            var zip = new ZipBuilder { Zip64 = deflated };
            zip.Add("slide", slide[..20_000], deflated);
            zip.Add("other", new byte[100]);
            var bytes = zip.Build();
            var random = new Random(5);
            for (var i = 0; i < 150; i++)
            {
                var changed = bytes.ToArray();
                if (i % 5 == 0) changed = changed[..random.Next(bytes.Length)];
                else for (var n = random.Next(1, 6); n > 0; n--) changed[^random.Next(1, 300)] = (byte)random.Next(256);
                await Hostile.ReadAsync(changed, $"deflated {deflated}, case {i}");
            }
        }
    }

    static async Task AssertRefusedAsync(Action<ZipBuilder> fill, string expected)
    {
        var zip = new ZipBuilder();
        fill(zip);
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(new MemorySource(zip.Build()), cancellationToken: Token));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    static async Task AssertSameSlideAsync(byte[] expected, Slide found)
    {
        await using var slide = found;
        await using var reference = await Slide.OpenAsync(new MemorySource(expected), cancellationToken: Token);
        var region = new Region(0, -5, -5, reference.Width + 10, reference.Height + 10);
        Assert.Equal((await reference.ReadRegionAsync(region, cancellationToken: Token)).Pixels, (await slide.ReadRegionAsync(region, cancellationToken: Token)).Pixels);
    }

    static async Task<byte[]> WriteAsync()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("slide.svs");
        await SyntheticTissue.Create(900, 700, 3).WriteAsync(path);
        return await File.ReadAllBytesAsync(path);
    }
}
