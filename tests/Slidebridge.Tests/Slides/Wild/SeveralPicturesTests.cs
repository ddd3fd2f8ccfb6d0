using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>Several pyramids in one file: planes, scenes, pictures of one size. Two of them never mix.</summary>
public sealed class SeveralPicturesTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static TiffPicture Painted(int width, int height, byte color) => new(width, height, (64, 48), PaintedSlide.Pixels(width, height, (x, y) => (color, (byte)(x / 2), (byte)(y / 2))));

    public static TheoryData<string, int[]> Orders => new()
    {
        // One after the other; level after level; one that has a level more; a smaller one whose first is as large as another's second.
        { "A0 A1 A2 B0 B1 B2", [256, 128, 64] },
        { "A0 B0 A1 B1 A2 B2", [256, 128, 64] },
        { "A0 A1 B0 B1 B2", [256, 128] },
        { "A0 A1 B1 B2", [256, 128] },
        { "A0 B0", [256] },
        { "A0 A1 A2", [256, 128, 64] },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Each_level_is_of_the_first_picture(string order, int[] widths)
    {
        foreach (var aperio in new[] { false, true })
        {
            await using var slide = await OpenAsync(order, (_, _) => aperio ? "Aperio Image Library v12\r\n256x192 (64x48) |AppMag = 20|MPP = 0.5" : "");
            Assert.Equal(widths, slide.Levels.Select(level => level.Width));
            await AssertAllOfAsync(slide, 40);
            Assert.Equal(order.Contains('B', StringComparison.Ordinal), slide.Warnings.Any(warning => warning.Code == "other-pictures"));
            if (!aperio) Assert.Empty(slide.FocalPlanes);
        }
    }

    [Theory]
    [InlineData("A0 A1 A2 B0 B1 B2")]
    [InlineData("A0 B0 A1 B1 A2 B2")]
    [InlineData("A0 B0 B1 A1 B2 A2")]
    public async Task Aperios_depths_are_focal_planes_whatever_their_order(string order)
    {
        for (var plane = 0; plane < 2; plane++)
        {
            await using var slide = await OpenAsync(order, (name, _) => $"Aperio Image Library v12\r\n256x192 (64x48) |AppMag = 20|MPP = 0.5|OffsetZ = {(name == 'A' ? "-1.5" : "2.5")}", new SlideOptions { FocalPlane = plane });
            Assert.Equal([new FocalPlane(0, -1.5), new FocalPlane(1, 2.5)], slide.FocalPlanes);
            Assert.Equal([256, 128, 64], slide.Levels.Select(level => level.Width));
            await AssertAllOfAsync(slide, plane == 0 ? (byte)40 : (byte)200);
        }
    }

    [Fact]
    public async Task A_picture_that_only_has_the_shape_is_no_level()
    {
        // Three quarters of the size: no pyramid has such a level, unless it says that it is a reduced one.
        foreach (var isReduced in new[] { false, true })
        {
            var builder = new TiffBuilder(new TiffLayout());
            builder.Pages.Add(Painted(256, 192, 40).Page(TiffPacking.Deflate));
            builder.Pages.Add(Painted(192, 144, 200).Page(TiffPacking.Deflate).Set(254, 4, isReduced ? 1 : 0));
            await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
            Assert.Equal(isReduced ? 2 : 1, slide.Levels.Count);
        }
    }

    [Fact]
    public async Task A_focal_plane_that_is_not_there_is_refused_in_every_format()
    {
        var refused = await Assert.ThrowsAsync<SlideFormatException>(() => OpenAsync("A0 A1", (_, _) => "", new SlideOptions { FocalPlane = 1 }));
        Assert.Contains("1 focal plane(s)", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("XYZCT")]
    [InlineData("XYCZT")]
    public async Task Planes_of_an_OME_TIFF_are_chosen(string order)
    {
        const int Planes = 3;
        for (var plane = 0; plane < Planes; plane++)
        {
            var builder = new TiffBuilder(new TiffLayout());
            for (var i = 0; i < Planes; i++) builder.Pages.Add(Painted(256, 192, (byte)(10 + 60 * i)).Page(TiffPacking.Deflate));
            builder.Pages[0].SetText(270, $"""<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels SizeC="3" SizeZ="3" SizeT="1" DimensionOrder="{order}" PhysicalSizeZ="0.5"><Channel SamplesPerPixel="3"/><TiffData/></Pixels></Image></OME>""");
            await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), new SlideOptions { FocalPlane = plane }, Token);
            Assert.Equal([0, 0.5, 1.0], slide.FocalPlanes.Select(each => each.Offset!.Value));
            Assert.Single(slide.Levels);
            await AssertAllOfAsync(slide, (byte)(10 + 60 * plane));
        }
    }

    /// <summary>Levels, streams of tiles at any scale, thumbnails.</summary>
    static async Task AssertAllOfAsync(Slide slide, byte color)
    {
        Assert.Equal(slide.Levels.Count, slide.Levels.Select(level => (level.Width, level.Height)).Distinct().Count());
        foreach (var level in slide.Levels) AssertRed((await slide.ReadRegionAsync(new Region(level.Index, 0, 0, level.Width, level.Height), cancellationToken: Token)).Pixels);
        AssertRed((await slide.GetThumbnailAsync(30, 30, Token)).Pixels);
        foreach (var downsample in new[] { 1, 1.5, 2, 3, 4 })
            await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 16, Height = 12, Downsample = downsample, Edges = TileEdges.Skip }, Token))
                using (tile) AssertRed(tile.Pixels.ToArray());

        void AssertRed(byte[] pixels) => Assert.All(pixels.Where((_, i) => i % 3 == 0), value => Assert.Equal(color, value));
    }

    static Task<Slide> OpenAsync(string order, Func<char, int, string> description, SlideOptions? options = null)
    {
        var builder = new TiffBuilder(new TiffLayout());
        foreach (var name in order.Split(' '))
        {
            var level = name[1] - '0';
            var page = Painted(256 >> level, 192 >> level, name[0] == 'A' ? (byte)40 : (byte)200).Page(TiffPacking.Deflate);
            if (description(name[0], level) is { Length: > 0 } text) page.SetText(270, text);
            builder.Pages.Add(page);
        }
        return Slide.OpenAsync(new MemorySource(builder.Build()), options, Token);
    }
}
