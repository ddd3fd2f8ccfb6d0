using Slidebridge.Classifiers.Samples.Nuclei;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;
using Stain = Slidebridge.Sdk.Stain;

namespace Slidebridge.Tests.Classifiers.Samples;

public sealed class NucleiClassifierTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    static WholeSlideDifferentialReport ReportOf(ScanResult result) => Assert.IsType<WholeSlideDifferentialReport>(result.Workflow!.Report);

    async Task<string> WriteAsync(SyntheticTissue tissue, int tileSize = 256)
    {
        var path = folder.File($"{tissue.Seed}-{tissue.Stain}-{tileSize}.svs");
        await tissue.WriteAsync(path, new PyramidWriterOptions { TileSize = tileSize }, cancellationToken: Token);
        return path;
    }

    [Theory]
    [InlineData(1, 3000)]
    [InlineData(2, 3000)]
    [InlineData(3, 3000)]
    [InlineData(1, 2400)] // Dense glands, whose nuclei overlap each other.
    public async Task Nineteen_of_twenty_nuclei_are_found_within_2_µm_and_nineteen_of_twenty_found_are_there(int seed, int edge)
    {
        var tissue = SyntheticTissue.Create(edge, edge, seed);
        var result = await Classified.ByAsync(new NucleiClassifier(), await WriteAsync(tissue));
        var matched = MatchedNuclei.Of(tissue.FindNuclei(0, 0, edge, edge), ReportOf(result).Points);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}: {matched}");
        Assert.True(matched.Recall >= 0.95 && matched.Precision >= 0.95, $"seed {seed}: {matched}");
        Assert.Equal(matched.Found, ReportOf(result).Scores["nuclei"]);
        Assert.StartsWith($"{matched.Found} nuclei in ", (string?)result.Results!["summary"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slide_of_half_the_pixel_size_has_the_same_nuclei()
    {
        const int Small = 1200;
        var tissue = SyntheticTissue.Create(Small, Small, 5);
        var pixels = new byte[Small * Small * 3];
        tissue.Render(0, 0, Small, Small, pixels);
        var fine = await PaintedSlide.WriteAsync(folder, 2 * Small, 2 * Small, (x, y) => Between(pixels, Small, x / 2f - 0.25f, y / 2f - 0.25f), new PyramidWriterOptions { Mpp = 0.25, ObjectivePower = 40 });
        var matched = MatchedNuclei.Of(tissue.FindNuclei(0, 0, Small, Small), ReportOf(await Classified.ByAsync(new NucleiClassifier(), fine)).Points, scale: 2);
        TestContext.Current.SendDiagnosticMessage($"0.25 µm: {matched}");
        Assert.True(matched.Recall >= 0.95 && matched.Precision >= 0.95, matched.ToString());
    }

    [Fact]
    public async Task What_is_found_does_not_depend_on_the_size_of_tiles()
    {
        var slide = await WriteAsync(SyntheticTissue.Create(1300, 1000, 6));
        var whole = ReportOf(await Classified.ByAsync(new NucleiClassifier(), slide, settings: """{"tile_size": 1600}""")).Points;
        Assert.True(whole.Count > 200);
        foreach (var size in new[] { 512, 720 })
            Assert.Equal(whole, ReportOf(await Classified.ByAsync(new NucleiClassifier(), slide, settings: $$"""{"tile_size": {{size}}}""")).Points);
    }

    [Fact]
    public async Task Of_a_stain_that_marks_nuclei_the_positive_ones_are_told()
    {
        const int Edge = 2000;
        var tissue = SyntheticTissue.Create(Edge, Edge, 2, SyntheticStain.Ki67);
        var result = await Classified.ByAsync(new NucleiClassifier(), await WriteAsync(tissue), new Stain("ihc", Label: "Ki-67 (MIB-1)"));
        var report = ReportOf(result);
        var truth = tissue.FindNuclei(0, 0, Edge, Edge);
        var matched = MatchedNuclei.Of(truth, report.Points);
        var right = matched.Pairs.Count(p => p.Truth.IsPositive == (p.Found.Type == "positive")) / (double)matched.Pairs.Count;
        TestContext.Current.SendDiagnosticMessage($"Ki-67: {matched}; {right:0.0000} have the right sign; {report.Scores["positive percent"]} % of {100.0 * truth.Count(n => n.IsPositive) / truth.Count:0.0} %");
        Assert.True(matched.Recall >= 0.95 && matched.Precision >= 0.95, matched.ToString());
        Assert.InRange(right, 0.98, 1);
        Assert.All(report.Points, p => Assert.Equal(p.Score >= report.PositivityThreshold, p.Type == "positive"));
        Assert.InRange(report.Scores["positive percent"], 100.0 * truth.Count(n => n.IsPositive) / truth.Count - 2, 100.0 * truth.Count(n => n.IsPositive) / truth.Count + 2);
        Assert.Equal(("Positive nuclei", FormattableString.Invariant($"{report.Scores["positive percent"]:0.#} %")), (result.Workflow!.Key, result.Workflow.Value));
    }

    [Theory]
    [InlineData("Ki-67", true)]
    [InlineData("ki67", true)]
    [InlineData("MIB-1", true)]
    [InlineData("p53 DO-7", true)]
    [InlineData("ER", true)]
    [InlineData("he", false)]
    [InlineData("HER2", false)]
    [InlineData("primary", false)]
    public void A_stain_is_known_by_its_value_its_code_or_its_label(string name, bool marks)
    {
        Assert.Equal(marks, NuclearMarkers.IsNamedBy(new Stain(name)));
        Assert.Equal(marks, NuclearMarkers.IsNamedBy(new Stain("x", Code: name)));
        Assert.Equal(marks, NuclearMarkers.IsNamedBy(new Stain("x", Label: name)));
    }

    [Fact]
    public async Task A_slide_without_a_resolution_is_refused_with_what_to_set()
    {
        await File.WriteAllBytesAsync(folder.File("ramp.tiff"), RampSlide.Build(), Token);
        var refused = await Assert.ThrowsAsync<ClassifierException>(() => Classified.ByAsync(new NucleiClassifier(), folder.File("ramp.tiff")));
        Assert.Contains("set mpp", refused.Message, StringComparison.Ordinal);
        Assert.Empty(ReportOf(await Classified.ByAsync(new NucleiClassifier(), folder.File("ramp.tiff"), settings: """{"mpp": 0.5}""")).Points);
        foreach (var wrong in new[] { """{"mpp": 2}""", """{"tile_size": "big"}""", """{"tiles": 5}""" })
            await Assert.ThrowsAsync<ClassifierException>(() => Classified.ByAsync(new NucleiClassifier(), folder.File("ramp.tiff"), settings: wrong));
    }

    [Fact]
    public async Task A_real_slide_has_a_plausible_number_of_nuclei()
    {
        const int Edge = 900; // A part of it: the whole takes longer than a test may.
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var part = folder.File("part.svs");
        await using (var writer = PyramidWriter.Create(part, Edge, Edge, new PyramidWriterOptions { Mpp = slide.Mpp!.Value.X }))
        {
            await writer.WriteRowsAsync((await slide.ReadRegionAsync(new Region(0, 700, 1000, Edge, Edge), cancellationToken: Token)).Pixels, Token);
            await writer.FinishAsync(Token);
        }
        var result = await Classified.ByAsync(new NucleiClassifier(), part);
        TestContext.Current.SendDiagnosticMessage((string)result.Results!["summary"]!);
        Assert.InRange(ReportOf(result).Scores["nuclei per mm2"], 500, 15_000);
    }

    static (byte Red, byte Green, byte Blue) Between(byte[] rgb, int edge, float x, float y)
    {
        int left = Math.Clamp((int)MathF.Floor(x), 0, edge - 2), top = Math.Clamp((int)MathF.Floor(y), 0, edge - 2);
        float tx = Math.Clamp(x - left, 0, 1), ty = Math.Clamp(y - top, 0, 1);
        byte At(int c)
        {
            var i = (top * edge + left) * 3 + c;
            return (byte)MathF.Round((rgb[i] * (1 - tx) + rgb[i + 3] * tx) * (1 - ty) + (rgb[i + edge * 3] * (1 - tx) + rgb[i + edge * 3 + 3] * tx) * ty);
        }
        return (At(0), At(1), At(2));
    }
}
