using System.Text.RegularExpressions;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Hosting;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>examples/onnx as it stands, the files of the documentation, and both through a whole bridge.</summary>
public sealed partial class ModelExampleTests : IDisposable
{
    readonly ModelFolder folder = new();

    // The example's folder, with its model made.
    string Make()
    {
        foreach (var file in new[] { "make_model.py", "model.yaml" }) File.Copy(Path.Combine(Repository.Root, "examples", "onnx", file), folder.Files.File(file), overwrite: true);
        ExternalTool.Run("python3", "python3", folder.Files.File("make_model.py"));
        return folder.Files.File("model.yaml");
    }

    [Fact]
    public async Task The_example_finds_the_nuclei_of_generated_tissue()
    {
        var yaml = Make();
        var tissue = SyntheticTissue.Create(2500, 2000, 4);
        await tissue.WriteAsync(folder.Files.File("tissue.svs"), cancellationToken: TestContext.Current.CancellationToken);
        var results = await folder.RunAsync(yaml, folder.Files.File("tissue.svs"));
        var nuclei = tissue.FindNuclei(0, 0, 2500, 2000);
        var objects = Assert.IsType<RegionCountingReport>(results.ScanResults.Single().Workflow!.Report).Objects;
        var hit = nuclei.Count(n => objects.Any(o => n.X >= o.X && n.X < o.X + o.Width && n.Y >= o.Y && n.Y < o.Y + o.Height));
        Assert.InRange(hit, 0.9 * nuclei.Count, nuclei.Count);
        // Nuclei that touch are one region; a model that parts them is a detector.
        Assert.InRange(objects.Count, 0.4 * nuclei.Count, 1.1 * nuclei.Count);
        Assert.Matches(@"^\d+ nuclei, \d+\.\d% of \d+\.\d\d mm²$", (string)results.ScanResults.Single().Results!["summary"]!);
    }

    [Fact]
    public async Task Both_kinds_serve_the_platform()
    {
        var yaml = Make();
        await using (var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, $"onnx:{yaml}")])) await AssertServesAsync(bridge);
        await using var server = await InferenceServer.StartAsync(await File.ReadAllBytesAsync(folder.Files.File("nuclei.onnx"), TestContext.Current.CancellationToken));
        await using (var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, $"kserve:{server.Model} {yaml}")])) await AssertServesAsync(bridge);
    }

    static async Task AssertServesAsync(TestBridge bridge)
    {
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Assert.Contains("RegionCounting", Assert.Single(bridge.EvaluationsOf(task)).Result.GetRawText());
    }

    [Theory]
    [InlineData("onnx.md")]
    [InlineData("kserve.md")]
    public void The_files_of_the_documentation_can_be_read(string page)
    {
        var files = Blocks().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "classifiers", page)).ReplaceLineEndings("\n"));
        Assert.NotEmpty(files);
        foreach (Match yaml in files) _ = ModelFile.Read(folder.Write(yaml.Groups[1].Value), needsModel: false);
    }

    [Fact]
    public void The_documentation_has_every_key()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "classifiers", "onnx.md"));
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Slidebridge", "Classifiers", "Inference", "Description"), "*Reader.cs").Select(File.ReadAllText);
        var keys = sources.SelectMany(s => Keys().Matches(s)).Select(m => m.Groups[1].Value).Distinct().ToArray();
        Assert.True(keys.Length > 40);
        Assert.DoesNotContain(keys, key => !Regex.IsMatch(page, $@"`[\w.\[\]]*\b{key}\b"));
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"\.(?:Text|RequiredText|Number|Whole|Flag|OneOf|Channels|Numbers|Texts|Map|RequiredMap|Switch|Maps|OneOrMore)\(""(\w+)""")]
    private static partial Regex Keys();

    public void Dispose() => folder.Dispose();
}
