using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>Detail that a slide does not have is not invented without a word.</summary>
public sealed class UpsamplingTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.5, null, null, null)]
    [InlineData(0.49, null, null, null)] // Within the grid's tolerance.
    [InlineData(0.4, null, "1.25 times", null)]
    [InlineData(0.25, null, "2 times", null)]
    [InlineData(0.2, null, null, "2.5 times the slide's detail")]
    [InlineData(0.02, null, null, "0.5 µm/pixel, but 0.02 µm/pixel is requested")]
    [InlineData(null, 1.0, null, null)]
    [InlineData(null, 0.7, "1.43 times", null)]
    [InlineData(null, 0.3, null, "3.33 times the slide's detail")]
    public async Task Up_to_twice_the_detail_is_a_warning_and_more_is_refused(double? mpp, double? downsample, string? warning, string? refusal)
    {
        var grid = new TileGrid { Width = 32, Height = 32, Mpp = mpp, Downsample = downsample };
        await using var slide = await OpenAsync();
        if (refusal is null)
        {
            Assert.NotEqual(0, slide.LayOutTiles(grid).Count);
            await ReadAsync(slide, grid);
        }
        else
        {
            foreach (var read in new Func<Task>[] { () => Task.FromResult(slide.LayOutTiles(grid)), () => ReadAsync(slide, grid) })
                Assert.Contains(refusal, (await Assert.ThrowsAsync<SlideResolutionException>(read)).Message, StringComparison.Ordinal);
            await ReadAsync(slide, grid with { AllowUpsampling = true });
            await using var allowing = await OpenAsync(new SlideOptions { AllowUpsampling = true });
            await ReadAsync(allowing, grid);
            Assert.Equal("enlarged", Assert.Single(allowing.Warnings).Code);
            return;
        }
        if (warning is null) Assert.Empty(slide.Warnings);
        else Assert.Contains(warning, Assert.Single(slide.Warnings, each => each.Code == "enlarged").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrected_resolution_counts()
    {
        await using var slide = await OpenAsync(new SlideOptions { Mpp = new(0.25, 0.25) });
        Assert.Equal(1, slide.LayOutTiles(new TileGrid { Mpp = 0.25 }).Downsample);
    }

    static async Task ReadAsync(Slide slide, TileGrid grid)
    {
        await foreach (var tile in slide.ReadTilesAsync(grid, Token))
        {
            tile.Dispose();
            break;
        }
    }

    static Task<Slide> OpenAsync(SlideOptions? options = null)
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(128, 96, (64, 48)).Page(TiffPacking.Lzw).SetText(270, "Scanner X|MPP = 0.5"));
        return Slide.OpenAsync(new MemorySource(builder.Build()), options, Token);
    }
}
