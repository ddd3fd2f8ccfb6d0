using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>Tiles and strips without bytes or without a length: shown as they are, refused, or said to be missing; never an empty picture that passes for glass.</summary>
public sealed class EmptyTileTests : ServedSlideTests
{
    const string Aperio = "Aperio Image Library v12.0.15 \r\n256x192 [0,0 256x192] (64x48) |AppMag = 20|MPP = 0.5000";

    readonly TiffPicture full = new(256, 192, (64, 48));

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    public async Task A_smaller_level_is_filled_from_the_next_larger_one_that_has_the_tile(bool aperio, bool withOffset, bool remote)
    {
        var (half, quarter) = (full.Half(), full.Half().Half());
        TiffBuilderPage[] pages = [full.Page(TiffPacking.Deflate), half.Page(TiffPacking.Deflate), quarter.Page(TiffPacking.Deflate)];
        // Of level 1 the right half, of level 2 all: what lies under it on level 1 is missing, too.
        foreach (var (page, empty) in new[] { (pages[1], new[] { 1, 3 }), (pages[2], [0]) }) Empty(page, withOffset, empty);
        await using var slide = await OpenAsync(remote, pages, aperio ? Aperio : null);
        Assert.Equal([256, 128, 64], slide.Levels.Select(level => level.Width));
        await Pixels.AssertSameAsync(slide, 1, half.Pixels);
        // Of means of means each is rounded.
        var found = await slide.ReadRegionAsync(new Region(2, 0, 0, 64, 48), cancellationToken: Token);
        Assert.All(quarter.Pixels.Zip(found.Pixels), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        Assert.Equal(["tiles-filled", "tiles-filled"], slide.Warnings.Select(warning => warning.Code));
        Assert.Equal(found.Pixels, (await slide.GetThumbnailAsync(64, 48, Token)).Pixels);
        await using var examined = await OpenAsync(remote, pages, aperio ? Aperio : null);
        await examined.ExamineAsync(Token);
        Assert.Equal(slide.Warnings.Order(Comparer<SlideWarning>.Create((a, b) => string.CompareOrdinal(a.Message, b.Message))), examined.Warnings);
    }

    [Fact]
    public async Task Tile_streams_at_any_scale_are_filled_as_well()
    {
        var half = full.Half();
        TiffBuilderPage[] pages = [full.Page(TiffPacking.Jpeg), half.Page(TiffPacking.Jpeg)];
        Empty(pages[1], true, 0, 1, 2, 3);
        await using var slide = await OpenAsync(true, pages, Aperio);
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 32, Height = 24, Downsample = 4, InOrder = false }, Token))
            using (tile)
                Assert.DoesNotContain((byte)255, tile.Pixels.ToArray().Where((_, i) => i % 3 == 2)); // The picture's blue ends at 240.
        Assert.Contains("tiles-filled", slide.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public async Task A_tile_that_no_level_has_is_background_and_says_so()
    {
        TiffBuilderPage[] pages = [full.Page(TiffPacking.Deflate), full.Half().Page(TiffPacking.Deflate)];
        Empty(pages[0], true, 0, 1, 4, 5);
        Empty(pages[1], true, 0);
        await using var slide = await OpenAsync(false, pages, Aperio);
        Assert.All((await slide.ReadTileAsync(1, 0, 0, cancellationToken: Token)).Pixels, value => Assert.Equal(255, value));
        Assert.All((await slide.ReadTileAsync(0, 1, 1, cancellationToken: Token)).Pixels, value => Assert.Equal(255, value));
        Assert.Equal(["tiles-missing", "tiles-missing"], slide.Warnings.Select(warning => warning.Code));
    }

    [Theory]
    [InlineData(TiffPacking.None, true, true)]
    [InlineData(TiffPacking.Lzw, true, true)]
    [InlineData(TiffPacking.DeflatePredicted, true, false)]
    [InlineData(TiffPacking.Jpeg, true, true)]
    [InlineData(TiffPacking.None, false, false)]
    [InlineData(TiffPacking.Lzw, false, true)]
    [InlineData(TiffPacking.Deflate, false, false)]
    [InlineData(TiffPacking.Jpeg, false, true)]
    public async Task Lengths_that_are_zero_or_not_given_are_computed(TiffPacking packing, bool tiled, bool given)
    {
        var picture = tiled ? full : new TiffPicture(256, 192, null);
        var page = picture.Page(packing);
        page.Set(tiled ? 325 : 279, 4, given ? new long[page.Chunks.Count] : []);
        foreach (var remote in new[] { false, true })
        {
            await using var slide = await OpenAsync(remote, [page], null);
            await Pixels.AssertSameAsync(slide, 0, picture.Pixels);
            Assert.Equal("lengths-computed", Assert.Single(slide.Warnings).Code);
        }
    }

    [Fact]
    public async Task Fewer_lengths_than_tiles_are_taken_as_far_as_they_go()
    {
        var page = full.Page(TiffPacking.Lzw);
        page.Set(325, 4, [.. page.Chunks.Take(3).Select(chunk => (long)chunk.Length)]);
        await using var slide = await OpenAsync(false, [page], null);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
    }

    [Fact]
    public async Task What_cannot_be_computed_is_refused()
    {
        // A strip that is nowhere, a tile of a length that is nowhere, and one where there is no JPEG.
        var strips = new TiffPicture(256, 192, null).Page(TiffPacking.Lzw);
        strips.Chunks[2] = [];
        await RefusedAsync(strips, "strip 2, is empty");
        var nowhere = full.Page(TiffPacking.Lzw);
        nowhere.Set(324, 4, new long[nowhere.Chunks.Count]);
        await RefusedAsync(nowhere, "bytes, but no offset");
        var noise = full.Page(TiffPacking.Jpeg);
        noise.Chunks[0] = new byte[500];
        noise.Set(325, 4, new long[noise.Chunks.Count]);
        await RefusedAsync(noise, "not a JPEG");
    }

    [Fact]
    public async Task A_slide_without_any_tile_is_no_white_picture()
    {
        var page = full.Page(TiffPacking.Lzw);
        Empty(page, false, [.. Enumerable.Range(0, page.Chunks.Count)]);
        foreach (var description in new[] { null, Aperio })
        {
            await using var slide = await OpenAsync(false, [page], description);
            foreach (var size in new[] { 64, 256 })
                Assert.Contains("has no pixels", (await Assert.ThrowsAsync<SlideFormatException>(() => slide.GetThumbnailAsync(size, size, Token))).Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<SlideFormatException>(() => TissueMask.DetectAsync(slide, cancellationToken: Token));
        }
    }

    [Fact]
    public async Task A_tile_of_no_length_where_the_next_one_begins_is_missing_and_not_its_neighbour()
    {
        TiffBuilderPage[] pages = [full.Page(TiffPacking.Deflate), full.Half().Page(TiffPacking.Deflate)];
        foreach (var page in pages) page.Chunks[2] = [];
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.AddRange(pages);
        var bytes = builder.Build();
        // The offset of the third tile becomes the fourth's.
        foreach (var page in pages)
        {
            var at = bytes.AsSpan().IndexOf(page.Chunks[3]);
            var index = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 0, 0, .. BitConverter.GetBytes(at)]);
            BitConverter.TryWriteBytes(bytes.AsSpan(index), at);
        }
        await using var slide = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: Token);
        Assert.All((await slide.ReadTileAsync(0, 2, 0, cancellationToken: Token)).Pixels, value => Assert.Equal(255, value));
        Assert.Equal((await slide.ReadTileAsync(1, 0, 1, cancellationToken: Token)).Pixels, Cut(full.Half(), 0, 48));
        Assert.Equal(["tiles-missing", "tiles-filled"], slide.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public async Task Aperios_lengths_that_are_not_given_are_computed_and_only_those_that_are_zero_are_missing()
    {
        var page = full.Page(TiffPacking.Deflate);
        page.Set(325, 4, [.. page.Chunks.Take(3).Select(chunk => (long)chunk.Length)]);
        await using var slide = await OpenAsync(false, [page], Aperio);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        Assert.Equal("lengths-computed", Assert.Single(slide.Warnings).Code);
    }

    [Fact]
    public async Task Many_levels_that_are_nearly_alike_and_empty_take_no_time()
    {
        var builder = new TiffBuilder(new TiffLayout());
        for (var i = 0; i < 24; i++)
        {
            var page = new TiffPicture(16, 16, (16, 16)).Page(TiffPacking.Lzw).Set(256, 4, 1024 - 2 * i).Set(257, 4, 1024 - 2 * i).Set(254, 4, i == 0 ? 0 : 1);
            page.Set(324, 4, new long[4096]).Set(325, 4, new long[4096]);
            builder.Pages.Add(page);
        }
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        await slide.ExamineAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        foreach (var level in slide.Levels) await slide.ReadRegionAsync(new Region(level.Index, 500, 500, 64, 64), cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_tile_without_one_of_its_planes_is_missing_for_its_colours_would_be_wrong(int plane)
    {
        var page = full.PlanarPage(TiffPacking.Deflate);
        page.Chunks[plane * 16 + 5] = [];
        await using var slide = await OpenAsync(false, [page], null);
        await slide.ExamineAsync(Token);
        Assert.Equal("tiles-missing", Assert.Single(slide.Warnings).Code);
        Assert.All((await slide.ReadTileAsync(0, 1, 1, cancellationToken: Token)).Pixels, value => Assert.Equal(255, value));
    }

    static byte[] Cut(TiffPicture picture, int left, int top) =>
        [.. Enumerable.Range(0, 48).SelectMany(y => picture.Pixels.AsSpan(((top + y) * picture.Width + left) * 3, 64 * 3).ToArray())];

    async Task RefusedAsync(TiffBuilderPage page, string why)
    {
        await using var slide = await OpenAsync(false, [page], null);
        var refused = await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadRegionAsync(new Region(0, 0, 0, 256, 192), cancellationToken: Token));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Tiles of no length, whose offset is that of nothing or of something else.</summary>
    static void Empty(TiffBuilderPage page, bool withOffset, params int[] tiles)
    {
        if (!withOffset)
        {
            foreach (var tile in tiles) page.Chunks[tile] = [];
            return;
        }
        page.Set(325, 4, [.. page.Chunks.Select((chunk, i) => tiles.Contains(i) ? 0L : chunk.Length)]);
    }

    async Task<Slide> OpenAsync(bool remote, TiffBuilderPage[] pages, string? description)
    {
        var builder = new TiffBuilder(new TiffLayout());
        if (description is not null) pages[0].SetText(270, description);
        builder.Pages.AddRange(pages);
        return remote ? await Slide.OpenAsync(Server.Serve(builder.Build()).Url, cancellationToken: Token) : await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
    }
}
