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
        await slide.ReadTileAsync(0, 0, 0, ct: Token);
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
        for (var i = 0; i < 3; i++) await slide.ReadRegionAsync(new Region(0, 0, 0, slide.Width, slide.Height), ct: Token);
        Assert.InRange(slide.Usage.BytesRead, packed.Length * 0.9, packed.Length * 1.3);
    }

    [Theory]
    [InlineData("../slide")]
    [InlineData("a/../../slide")]
    [InlineData("/etc/slide")]
    [InlineData("C:/slide")]
    [InlineData("a\\..\\slide")]
    public async Task A_name_that_leads_out_is_refused(string name) => await AssertRefusedAsync(zip => zip.Add(name, [1]), "leads out");

    [Fact]
    public async Task A_name_that_stands_twice_is_refused() =>
        await AssertRefusedAsync(zip => { zip.Add("a/slide", [1]); zip.Add("A/Slide", [2]); }, "entry 2 has the name of an earlier one");

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
        await AssertRefusedAsync(zip => zip.Add("slide", new byte[4 * 1024 * 1024], deflated: true).Length = 100_000, "more than the 100000 bytes");

    [Fact]
    public async Task Fewer_bytes_than_promised_are_told() =>
        await AssertRefusedAsync(zip => zip.Add("slide", new byte[100_000], deflated: true).Length = 100_001, "100000 of 100001 bytes");

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
        await AssertRefusedAsync(zip => { zip.Add("a", bytes); zip.Add("b", bytes); }, "open one");
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
        Assert.Equal((await reference.ReadRegionAsync(region, ct: Token)).Pixels, (await slide.ReadRegionAsync(region, ct: Token)).Pixels);
    }

    static async Task<byte[]> WriteAsync()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("slide.svs");
        await SyntheticTissue.Create(900, 700, 3).WriteAsync(path);
        return await File.ReadAllBytesAsync(path);
    }
}
