using System.Diagnostics;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A TIFF whose fields lie is refused in little time and memory.</summary>
[Collection(nameof(RunAlone))]
public sealed class HostileTiffTests
{
    const long Most32 = uint.MaxValue;

    /// <summary>Tag, field type, count, value.</summary>
    public static TheoryData<string, int, int, long, long> Lies => new()
    {
        { "no width", 256, 4, 1, 0 },
        { "an absurd width", 256, 4, 1, Most32 },
        { "the widest width", 256, 4, 1, int.MaxValue },
        { "no height", 257, 4, 1, 0 },
        { "the highest height", 257, 4, 1, int.MaxValue },
        { "no tile width", 322, 4, 1, 0 },
        { "a tile width of one", 322, 4, 1, 1 },
        { "no tile height", 323, 4, 1, 0 },
        { "the widest tile", 322, 4, 1, int.MaxValue },
        { "an absurd tile height", 323, 4, 1, Most32 },
        { "tiles of a million rows", 323, 4, 1, 1_000_000 },
        { "four billion tile offsets", 324, 4, Most32, 8 },
        { "four billion tile byte counts", 325, 4, Most32, 8 },
        { "too few tile offsets", 324, 4, 1, 8 },
        { "text for tile offsets", 324, 2, 4, 8 },
        { "four billion bits per sample", 258, 3, Most32, 8 },
        { "a description of four billion letters", 270, 2, Most32, 8 },
        { "a description beyond the end", 270, 2, 1000, 1 << 30 },
        { "no samples", 277, 3, 1, 0 },
        { "65535 samples", 277, 3, 1, 65535 },
        { "four billion samples", 277, 4, 1, Most32 },
        { "an unknown compression", 259, 3, 1, 99 },
        { "another compression", 259, 3, 1, 7 },
        { "LZW", 259, 3, 1, 5 },
        { "deflate", 259, 3, 1, 8 },
        { "JPEG 2000", 259, 3, 1, 33005 },
        { "JPEG 2000 of luma and chroma", 259, 3, 1, 33003 },
        { "WebP", 259, 3, 1, 50001 },
        { "Zstandard", 259, 3, 1, 50000 },
        { "PackBits", 259, 3, 1, 32773 },
        { "a profile of four billion bytes", 34675, 7, Most32, 8 },
        { "four billion directories under it", 330, 4, Most32, 8 },
        { "itself under it", 330, 4, 1, 8 },
        { "an OME-XML description without an end", 270, 2, 4, 0x454D4F3C },
        { "an unknown colour model", 262, 3, 1, 99 },
        { "planes", 284, 3, 1, 2 },
        { "an unknown predictor", 317, 3, 1, 77 },
        { "tables of four billion bytes", 347, 7, Most32, 8 },
        { "a fraction for a width", 256, 5, 1, 8 },
        { "an unknown field type", 256, 77, 1, 8 },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lying_field_is_refused(string lie, int tag, int type, long count, long value)
    {
        foreach (var big in new[] { false, true })
            foreach (var packing in new[] { TiffPacking.None, TiffPacking.Jpeg })
            {
                var builder = new TiffBuilder(new TiffLayout(big));
                var page = new TiffPicture(100, 80, (32, 32)).Page(packing);
                page.Fields[tag] = new TiffField(type, count, [value]);
                builder.Pages.Add(page);
                await Hostile.ReadAsync(builder.Build(), $"{lie}, {packing}");
            }
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(1L << 40)]
    [InlineData(long.MinValue)]
    public async Task Absurd_counts_and_offsets_of_a_bigtiff_are_refused(long value)
    {
        foreach (var tag in new[] { 256, 257, 258, 270, 278, 322, 323, 324, 325, 347 })
            foreach (var field in new[] { new TiffField(16, 1, [value]), new TiffField(16, value, [value]), new TiffField(16, value, [16]), new TiffField(1, value, [16]) })
            {
                var builder = new TiffBuilder(new TiffLayout(Big: true));
                var page = new TiffPicture(100, 80, tag == 278 ? null : (32, 32)).Page(TiffPacking.None);
                page.Fields[tag] = field;
                builder.Pages.Add(page);
                await Hostile.ReadAsync(builder.Build(), $"tag {tag} with {field.Count} values of {value}");
            }
    }

    [Fact]
    public async Task A_picture_of_absurd_size_whose_index_claims_to_match_is_refused()
    {
        var builder = new TiffBuilder(new TiffLayout(Big: true));
        var page = new TiffPicture(100, 80, (32, 32)).Page(TiffPacking.None).Set(256, 4, int.MaxValue).Set(257, 4, int.MaxValue);
        page.Fields[324] = page.Fields[325] = new TiffField(16, 1L << 60, [16]);
        builder.Pages.Add(page);
        await Hostile.ReadAsync(builder.Build(), "2³¹ × 2³¹");
    }

    [Theory]
    [InlineData(4096, 3000)]
    [InlineData(8000, 8000)]
    public async Task A_huge_tile_without_its_bytes_is_refused(int width, int height)
    {
        foreach (var packing in new[] { TiffPacking.None, TiffPacking.Lzw, TiffPacking.Deflate, TiffPacking.Jpeg })
        {
            var builder = new TiffBuilder(new TiffLayout());
            var page = new TiffPicture(32, 32, (32, 32)).Page(packing).Set(256, 4, width).Set(257, 4, height).Set(322, 4, width).Set(323, 4, height);
            builder.Pages.Add(page);
            await Hostile.ReadAsync(builder.Build(), $"{packing} tile of {width}×{height}");
        }
    }

    [Theory]
    [InlineData(50001)]
    [InlineData(50000)]
    [InlineData(33005)]
    [InlineData(32773)]
    public async Task A_huge_tile_of_few_bytes_is_refused_whatever_packed_it(int compression)
    {
        foreach (var packed in HugeTiles(4096))
        {
            var builder = new TiffBuilder(new TiffLayout());
            builder.Pages.Add(new TiffPicture(32, 32, (32, 32)).Page(compression, 2, (_, _, _) => packed).Set(256, 4, 4096).Set(257, 4, 4096).Set(322, 4, 4096).Set(323, 4, 4096));
            await Hostile.ReadAsync(builder.Build(), $"{compression}, tile of {packed.Length} bytes");
        }
    }

    /// <summary>Headers that claim a tile's size and have nothing after them.</summary>
    static byte[][] HugeTiles(ushort side)
    {
        byte high = (byte)(side >> 8), low = (byte)side, high14 = (byte)(side - 1 >> 8), low14 = (byte)(side - 1);
        return
        [
            [],
            [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 1, 0, 0, 0],
            [.. "RIFF"u8, 100, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, low14, high14, 0, low14, high14, 0, .. new byte[40]],
            [0xFF, 0x4F, 0xFF, 0x51, 0, 47, 0, 0, 0, 0, high, low, 0, 0, high, low, .. new byte[8], 0, 0, high, low, 0, 0, high, low, .. new byte[8], 0, 3, 7, 1, 1, 7, 1, 1, 7, 1, 1,
                0xFF, 0x52, 0, 12, 0, 0, 0, 1, 1, 5, 0, 0, 0, 1, 0xFF, 0x5C, 0, 19, 0x40, .. new byte[16], 0xFF, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0x93],
        ];
    }

    [Theory]
    [InlineData(2_000_000_000, 1)]
    [InlineData(1_000_000, 1000)]
    public async Task Strips_too_large_to_decode_are_refused_before_memory_is_taken(int width, int rows)
    {
        var builder = new TiffBuilder(new TiffLayout());
        var page = new TiffPicture(32, 32, null).Page(TiffPacking.Deflate).Set(256, 4, width).Set(257, 4, rows).Set(278, 4, rows);
        builder.Pages.Add(page);
        var bytes = builder.Build();
        Assert.Null(await Hostile.ReadAsync(bytes, $"strip of {width}×{rows}"));
        await using var slide = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, 0, 0, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("Export it in smaller tiles", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1 << 30)]
    [InlineData(1L << 31)]
    [InlineData(Most32)]
    public async Task A_tile_that_claims_to_be_larger_than_the_file_is_refused(long length)
    {
        var builder = new TiffBuilder(new TiffLayout());
        var page = new TiffPicture(100, 80, (64, 80)).Page(TiffPacking.None).Set(325, 4, length, length);
        builder.Pages.Add(page);
        var bytes = builder.Build();
        Assert.Null(await Hostile.ReadAsync(bytes, "long tile"));
        await using var slide = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, 0, 0, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("tile 0,0", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(1 << 30)]
    [InlineData(Most32)]
    [InlineData(3)]
    public async Task A_next_directory_in_a_circle_or_beyond_the_end_leaves_those_before_it_and_warns(long next)
    {
        var builder = new TiffBuilder(new TiffLayout(DirectoriesFirst: true)) { AfterLast = next };
        for (var i = 0; i < 3; i++) builder.Pages.Add(new TiffPicture(32, 32, (32, 32)).Page(TiffPacking.None));
        Assert.Null(await Hostile.ReadAsync(builder.Build(), $"next directory at {next}"));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(slide.Warnings, warning => warning.Code == "structure-damaged");
    }

    [Fact]
    public async Task Many_directories_that_share_one_long_description_take_little_memory()
    {
        const int directories = 2000, length = 1 << 20;
        var builder = new TiffBuilder(new TiffLayout());
        for (var i = 0; i < directories; i++)
        {
            var page = new TiffPicture(16, 16, (16, 16)).Page(TiffPacking.None);
            page.Fields[270] = new TiffField(2, length, [8]);
            builder.Pages.Add(page);
        }
        // The description is the file from its pixels on.
        builder.Pages[^1].Chunks.Add(new byte[length]);
        builder.Pages[^1].Chunks[^1].AsSpan().Fill((byte)'x');
        await Hostile.ReadAsync(builder.Build(), "shared description");
    }

    [Fact]
    public async Task Many_directories_full_of_fields_take_little_memory()
    {
        var builder = new TiffBuilder(new TiffLayout());
        for (var i = 0; i < 300; i++)
        {
            var page = new TiffPicture(16, 16, (16, 16)).Page(TiffPacking.None);
            for (var tag = 40000; tag < 44000; tag++) page.Set(tag, 3, 1);
            builder.Pages.Add(page);
        }
        await Hostile.ReadAsync(builder.Build(), "full directories");
    }

    [Fact]
    public async Task A_small_file_of_many_tiles_that_are_not_stored_is_no_day_of_work()
    {
        const int tiles = 250_000;
        var builder = new TiffBuilder(new TiffLayout());
        var page = new TiffPicture(16, 16, (16, 16)).Page(TiffPacking.Jpeg).Set(256, 4, 500 * 2048).Set(257, 4, 500 * 2048).Set(322, 4, 2048).Set(323, 4, 2048);
        page.Set(324, 1, new long[tiles]).Set(325, 1, new long[tiles]);
        builder.Pages.Add(page);
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        // White, it would pass for a slide without tissue.
        Assert.Contains("has no pixels", (await Assert.ThrowsAsync<SlideFormatException>(() => slide.GetThumbnailAsync(100, 100, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
    }

    [Fact]
    public async Task A_thumbnail_of_more_pixels_than_a_region_may_have_is_refused_before_memory_is_taken()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(16, 16, (16, 16)).Page(TiffPacking.Jpeg).Set(256, 4, 2048 * 40).Set(257, 4, 2048 * 40).Set(322, 4, 2048).Set(323, 4, 2048).Set(324, 1, new long[1600]).Set(325, 1, new long[1600]));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: TestContext.Current.CancellationToken);
        // The bytes of the second do not fit 32 bits, and look like few.
        foreach (var edge in new[] { 20_000, 37_838, int.MaxValue })
        {
            var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => slide.GetThumbnailAsync(edge, edge, TestContext.Current.CancellationToken));
            Assert.Contains("MaxRegionPixels", refused.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => slide.GetThumbnailJpegAsync(edge, edge, cancellationToken: TestContext.Current.CancellationToken));
        }
    }
}
