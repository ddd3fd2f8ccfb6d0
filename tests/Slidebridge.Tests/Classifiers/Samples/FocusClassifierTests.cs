using Slidebridge.Classifiers.Samples.Focus;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Samples;

public sealed class FocusClassifierTests : IDisposable
{
    const int Edge = 1536;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static string? Summary(ScanResult result) => (string?)result.Results!["summary"];

    /// <summary>The heatmap's rectangles that say blurred.</summary>
    static Position[][] Blurred(ScanResult result)
    {
        var feature = Assert.Single(result.GeoJson!.Features);
        var colors = feature.Properties!["contour_colors"]!.AsArray().Select(c => (string?)c).ToArray();
        return [.. Assert.IsType<GeometryCollection>(feature.Geometry).Geometries.Where((_, i) => colors[i] != "#1a9641").Select(g => g.Positions.ToArray())];
    }

    async Task<ScanResult> ClassifyAsync(int seed, double sigma, int from = 0, SyntheticStain stain = SyntheticStain.HaematoxylinEosin)
    {
        var pixels = new byte[Edge * Edge * 3];
        SyntheticTissue.Create(Edge, Edge, seed, stain).Render(0, 0, Edge, Edge, pixels);
        if (sigma > 0) Blur(pixels, sigma, from);
        return await Classified.ByAsync(new FocusClassifier(), await PaintedSlide.WriteAsync(folder, Edge, Edge, (x, y) => (pixels[(y * Edge + x) * 3], pixels[(y * Edge + x) * 3 + 1], pixels[(y * Edge + x) * 3 + 2])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_sharp_slide_passes(int seed)
    {
        var result = await ClassifyAsync(seed, sigma: 0);
        Assert.True(result.QcFailReasons is [], Summary(result));
        Assert.True((double)result.Results!["blurred share of tissue"]! < 0.05, Summary(result));
        TestContext.Current.SendDiagnosticMessage($"sharp: {result.Results.ToJsonString()}");
    }

    [Theory]
    [InlineData(1, 2.5)]
    [InlineData(3, 5)]
    public async Task A_slide_out_of_focus_fails(int seed, double sigma)
    {
        var result = await ClassifyAsync(seed, sigma);
        TestContext.Current.SendDiagnosticMessage($"blurred by {sigma}: {result.Results!.ToJsonString()}");
        Assert.Equal(["blurry"], result.QcFailReasons);
        Assert.True((double)result.Results["blurred share of tissue"]! > 0.9, Summary(result));
    }

    [Fact]
    public async Task Of_a_slide_that_is_half_out_of_focus_the_heatmap_shows_that_half()
    {
        const int From = Edge / 2;
        var result = await ClassifyAsync(1, sigma: 3, From);
        Assert.Equal(["blurry"], result.QcFailReasons);
        var blurred = Blurred(result);
        // The rectangles are of 256 pixels, and the border lies between two.
        Assert.All(blurred, ring => Assert.True(ring.Min(p => p.X) >= From, $"A rectangle begins at {ring.Min(p => p.X)}."));
        var all = result.GeoJson!.Features[0].Geometry is GeometryCollection map ? map.Geometries.Select(g => g.Positions.ToArray()).ToArray() : [];
        Assert.InRange(blurred.Sum(AreaOf), 0.9 * all.Where(r => r.Min(p => p.X) >= From).Sum(AreaOf), double.MaxValue);

        static double AreaOf(Position[] ring) => (ring.Max(p => p.X) - ring.Min(p => p.X)) * (ring.Max(p => p.Y) - ring.Min(p => p.Y));
    }

    [Fact]
    public async Task A_pale_stain_is_not_called_blurred()
    {
        var result = await ClassifyAsync(1, sigma: 0, stain: SyntheticStain.Ki67);
        Assert.True(result.QcFailReasons is not { Count: > 0 }, result.Results!.ToJsonString());
    }

    [Theory]
    [InlineData("svs/CMU-1-Small-Region.svs")]
    [InlineData("dicom/camelyon.dcm")]
    [InlineData("dicom/sm_image.dcm")]
    public async Task A_real_slide_is_not_called_blurred(string name)
    {
        var result = await Classified.ByAsync(new FocusClassifier(), SharedFiles.Find(name));
        TestContext.Current.SendDiagnosticMessage($"{name}: {result.Results!.ToJsonString()}");
        Assert.True(result.QcFailReasons is not { Count: > 0 }, Summary(result));
    }

    [Fact]
    public async Task Glass_alone_tells_nothing_of_focus()
    {
        var result = await Classified.ByAsync(new FocusClassifier(), await PaintedSlide.WriteAsync(folder, 600, 600, (_, _) => PaintedSlide.Glass));
        Assert.Null(result.QcFailReasons);
        Assert.StartsWith("There is no tissue", Summary(result), StringComparison.Ordinal);
    }

    /// <summary>Blurs the columns from <paramref name="from"/> on by a Gaussian, in both directions, each colour by itself.</summary>
    static void Blur(byte[] rgb, double sigma, int from)
    {
        var reach = (int)(3 * sigma);
        var kernel = Enumerable.Range(-reach, 2 * reach + 1).Select(i => (float)Math.Exp(-i * i / (2 * sigma * sigma))).ToArray();
        var sum = kernel.Sum();
        var across = (byte[])rgb.Clone();
        Parallel.For(0, Edge, y => Pass(rgb, across, y, 1, 0));
        Parallel.For(0, Edge, y => Pass(across, rgb, y, 0, 1));

        void Pass(byte[] source, byte[] into, int y, int dx, int dy)
        {
            for (var x = from; x < Edge; x++)
                for (var c = 0; c < 3; c++)
                {
                    var value = 0f;
                    for (var k = -reach; k <= reach; k++)
                        value += kernel[k + reach] * source[(Math.Clamp(y + k * dy, 0, Edge - 1) * Edge + Math.Clamp(x + k * dx, from, Edge - 1)) * 3 + c];
                    into[(y * Edge + x) * 3 + c] = (byte)MathF.Round(value / sum);
                }
        }
    }
}
