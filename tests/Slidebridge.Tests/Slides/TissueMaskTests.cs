using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

public sealed class TissueMaskTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(4096, 3072, 1)]
    [InlineData(3000, 6000, 2)]
    [InlineData(2048, 2048, 3)]
    [InlineData(6144, 2048, 4)]
    public async Task Generated_tissue_is_found_where_it_was_painted(int width, int height, int seed)
    {
        var tissue = SyntheticTissue.Create(width, height, seed);
        var path = folder.File("tissue.svs");
        await tissue.WriteAsync(path, cancellationToken: Token);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        var mask = await TissueMask.DetectAsync(slide, cancellationToken: Token);
        long both = 0, either = 0;
        for (var y = 0; y < mask.Height; y++)
            for (var x = 0; x < mask.Width; x++)
            {
                var truth = tissue.IsTissue((int)((x + 0.5) * mask.DownsampleX), (int)((y + 0.5) * mask.DownsampleY));
                if (truth && mask[x, y]) both++;
                if (truth || mask[x, y]) either++;
            }
        var overlap = (double)both / either;
        TestContext.Current.TestOutputHelper?.WriteLine($"intersection over union {overlap:0.000}, {mask.Regions.Count} regions");
        Assert.InRange(overlap, 0.9, 1);
        Outlines.AssertFit(mask, slide);
    }

    [Fact]
    public async Task Blank_glass_has_no_tissue()
    {
        var random = new Random(1);
        var mask = await DetectAsync(1500, 1000, (_, _) => Shade(PaintedSlide.Glass, random.Next(-6, 7)));
        Assert.True(mask.IsEmpty);
        Assert.Equal(0, mask.TissueFraction);
        Assert.Equal(0, mask.AreaSquarePixels);
    }

    [Fact]
    public async Task A_slide_that_is_all_tissue_is_one_region_and_not_split_by_its_shades()
    {
        var mask = await DetectAsync(1500, 1000, (x, _) => x < 750 ? ((byte)225, (byte)150, (byte)190) : ((byte)120, (byte)60, (byte)140));
        Assert.Equal(1, mask.TissueFraction);
        var region = Assert.Single(mask.Regions);
        Assert.Equal([new(0, 0), new(1500, 0), new(1500, 1000), new(0, 1000), new(0, 0)], region.Outline);
        Assert.Equal(1_500_000, region.AreaPixels, 3);
        Assert.Empty(region.Holes);
    }

    [Fact]
    public async Task A_ring_of_tissue_has_a_hole()
    {
        var mask = await DetectAsync(1600, 1600, (x, y) => Distance(x, y, 800, 800) is > 300 and < 600 ? PaintedSlide.Eosin : PaintedSlide.Glass);
        var region = Assert.Single(mask.Regions);
        Assert.Single(region.Holes);
        Assert.Equal(Math.PI * (600 * 600 - 300 * 300), region.AreaPixels, 0.02 * Math.PI * 600 * 600);
        Assert.False(mask[mask.Width / 2, mask.Height / 2]);
    }

    [Fact]
    public async Task Dust_is_dropped_and_pinholes_are_filled()
    {
        var mask = await DetectAsync(1600, 1600, (x, y) =>
            Distance(x, y, 1400, 1400) < 6 || (Distance(x, y, 700, 700) < 400 && Distance(x, y, 700, 700) > 8) ? PaintedSlide.Eosin : PaintedSlide.Glass);
        Assert.Empty(Assert.Single(mask.Regions).Holes);
    }

    [Fact]
    public async Task Dust_and_pinholes_stay_where_the_options_keep_them()
    {
        var options = new TissueOptions { MinIslandFraction = 0, MinHoleFraction = 0, MaxEdge = 1600 };
        var mask = await DetectAsync(1600, 1600, (x, y) =>
            Distance(x, y, 1400, 1400) < 6 || (Distance(x, y, 700, 700) < 400 && Distance(x, y, 700, 700) > 8) ? PaintedSlide.Eosin : PaintedSlide.Glass, options);
        Assert.Equal(2, mask.Regions.Count);
        Assert.Single(mask.Regions[0].Holes);
    }

    [Fact]
    public async Task Black_pen_is_no_tissue()
    {
        var mask = await DetectAsync(1600, 1600, (x, y) => x < 200 ? PaintedSlide.Pen : Distance(x, y, 1000, 800) < 300 ? PaintedSlide.Eosin : PaintedSlide.Glass);
        Assert.All(Assert.Single(mask.Regions).Outline, point => Assert.True(point.X > 600));
    }

    [Fact]
    public async Task Regions_come_largest_first()
    {
        var mask = await DetectAsync(2400, 800, (x, y) =>
            Distance(x, y, 400, 400) < 100 || Distance(x, y, 1200, 400) < 300 || Distance(x, y, 2000, 400) < 200 ? PaintedSlide.Eosin : PaintedSlide.Glass);
        Assert.Equal([1200, 2000, 400], mask.Regions.Select(region => (int)(Math.Round(region.Outline.Average(point => point.X) / 100) * 100)));
        Assert.Equal(mask.AreaSquarePixels, mask.Regions.Sum(region => region.AreaPixels), 1.0);
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(1, 64)]
    [InlineData(1, 400)]
    [InlineData(6, 200)]
    [InlineData(16, 400)]
    public async Task Outlines_of_ragged_tissue_never_cross(double simplify, int edge)
    {
        var noise = new Random(5);
        var options = new TissueOptions { MinIslandFraction = 0, MinHoleFraction = 0, SimplifyPixels = simplify, MaxEdge = edge };
        // Coarse noise between faint and stained: islands in holes in islands, walls of one pixel.
        var grid = Enumerable.Range(0, 80 * 80).Select(_ => noise.Next(2) == 0).ToArray();
        var path = await PaintedSlide.WriteAsync(folder, 400, 400, (x, y) => grid[y / 5 * 80 + x / 5] ? PaintedSlide.Eosin : PaintedSlide.Glass);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        Outlines.AssertFit(await TissueMask.DetectAsync(slide, options, Token), slide, compareAreas: simplify <= 1);
    }

    [Fact]
    public async Task A_real_slide_has_its_tissue_found_and_its_glass_left_out()
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var mask = await TissueMask.DetectAsync(slide, cancellationToken: Token);
        // Looked at with its outlines drawn: skin down the middle, glass on both sides, a large gap in the upper third.
        Assert.InRange(mask.TissueFraction, 0.33, 0.39);
        Assert.True(mask.Regions[0].AreaPixels > 0.95 * mask.AreaSquarePixels);
        Outlines.AssertFit(mask, slide);
    }

    [Fact]
    public async Task A_piece_cut_from_the_middle_of_real_tissue_is_nearly_all_tissue()
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var piece = await slide.ReadRegionAsync(new Region(0, 900, 1750, 300, 850), PixelFormat.Rgb24, Token);
        var mask = await DetectAsync(piece.Width, piece.Height, (x, y) =>
        {
            var at = (y * piece.Width + x) * 3;
            return (piece.Pixels[at], piece.Pixels[at + 1], piece.Pixels[at + 2]);
        }, new TissueOptions { MaxEdge = 256 });
        Assert.InRange(mask.TissueFraction, 0.98, 1);
    }

    [Fact]
    public async Task Detection_can_be_cancelled()
    {
        var path = await PaintedSlide.WriteAsync(folder, 600, 600, (_, _) => PaintedSlide.Eosin);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TissueMask.DetectAsync(slide, cancellationToken: new CancellationToken(true)));
    }

    async Task<TissueMask> DetectAsync(int width, int height, Func<int, int, (byte, byte, byte)> paint, TissueOptions? options = null)
    {
        var path = await PaintedSlide.WriteAsync(folder, width, height, paint);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        var mask = await TissueMask.DetectAsync(slide, options, Token);
        Outlines.AssertFit(mask, slide);
        return mask;
    }

    static double Distance(double x, double y, double centreX, double centreY) => Math.Sqrt((x - centreX) * (x - centreX) + (y - centreY) * (y - centreY));

    static (byte, byte, byte) Shade((byte Red, byte Green, byte Blue) color, int by) =>
        ((byte)Math.Clamp(color.Red + by, 0, 255), (byte)Math.Clamp(color.Green + by, 0, 255), (byte)Math.Clamp(color.Blue + by, 0, 255));
}
