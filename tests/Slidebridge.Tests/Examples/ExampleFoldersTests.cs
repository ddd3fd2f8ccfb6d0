using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Commands;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Commands;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Examples;

/// <summary>Each folder of <c>examples</c> as its README says to run it.</summary>
public sealed class ExampleFoldersTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string Example(params string[] path) => Path.Combine([Repository.Root, "examples", .. path]);

    static string SummaryOf(JsonElement result) => result.GetProperty("results").GetProperty("summary").GetString()!;

    async Task<Ran> TryAsync(params string[] arguments)
    {
        if (!File.Exists(folder.File("slide.svs"))) await SyntheticTissue.Create(1600, 1200, 4).WriteAsync(folder.File("slide.svs"), cancellationToken: Token);
        return await Ran.AsAsync(RunCommand.Create(Bridge.CreateBuilder([])), [folder.File("slide.svs"), "--json", "--out", folder.File("out"), .. arguments]);
    }

    // The results, whose only scan is the slide.
    async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var (code, told, error) = await TryAsync(arguments);
        Assert.True(code == 0, error);
        return JsonSerializer.Deserialize<JsonElement>(told);
    }

    async Task<JsonElement> RunScanAsync(params string[] arguments) => Assert.Single((await RunAsync(arguments)).GetProperty("scanResults").EnumerateArray());

    [Fact]
    public async Task The_program_of_the_page_on_CSharp_runs_and_is_tested_as_it_says()
    {
        var (source, page) = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "Slidebridge.Tests", "Examples", "Darkness.cs"), Token), await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "classifiers", "csharp.md"), Token));
        Assert.Contains(source[source.IndexOf("sealed class", StringComparison.Ordinal)..], page, StringComparison.Ordinal);

        var path = folder.File("tissue.svs");
        await SyntheticTissue.Create(2000, 2000).WriteAsync(path, cancellationToken: Token);
        await using var scan = new Scan("1", null, c => Slide.OpenAsync(path, cancellationToken: c));
        var results = await new Darkness().ClassifyAsync(
            new ClassificationTask { TaskId = 1, Scans = [scan] }, new ClassifierContext(new Progress<ScanProgress>(), NullLogger.Instance), Token);
        Assert.Empty(ResultsValidator.Validate(results, ["1"]));
        Assert.Matches("^mean brightness [12][0-9][0-9] of [0-9]+ tiles$", (string?)results.ScanResults.Single().Results!["summary"]);
    }

    [Fact]
    public async Task The_numpy_example_measures_the_nuclear_stain()
    {
        var found = await RunScanAsync("--classifier", "python:" + Example("python-numpy", "haematoxylin.py"), "--python", Python.WithNumpyInterpreter);
        Assert.Matches(@"^nuclear stain: \d{1,2}% of \d+ tiles$", SummaryOf(found));
        Assert.Equal("Basic", found.GetProperty("workflow").GetProperty("report").GetProperty("type").GetString());
        Assert.Equal("haematoxylin", found.GetProperty("geojson").GetProperty("features")[0].GetProperty("properties").GetProperty("annotation_type").GetString());
    }

    [Fact]
    public async Task The_PyTorch_example_runs_its_model()
    {
        var found = await RunScanAsync("--classifier", "python:" + Example("python-torch", "nuclei.py"), "--python", Python.InterpreterWith("torch"));
        Assert.Matches(@"^nuclei: \d{1,2}\.\d% of the tissue$", SummaryOf(found));
    }

    [Fact]
    public async Task The_example_of_a_model_server_tells_cellular_tissue()
    {
        using var server = Process.Start(new ProcessStartInfo(Python.WithNumpyInterpreter, [Example("kserve", "server.py"), "0"]) { RedirectStandardOutput = true })!;
        try
        {
            var model = await server.StandardOutput.ReadLineAsync(Token);
            var found = await RunScanAsync("--classifier", $"kserve:{model} {Example("kserve", "model.yaml")}");
            Assert.Matches(@"^[1-9]\d\.\d% of 0\.\d\d mm² is cellular$", SummaryOf(found));
            Assert.NotEqual(0, found.GetProperty("geojson").GetProperty("features").GetArrayLength());
        }
        finally
        {
            server.Kill();
        }
    }

    [Fact]
    public async Task The_developer_kits_example_serves_the_platform()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, "devkit:" + Example("devkit", "webserver.py")), (ServeSettings.Python, Python.InterpreterWith("openslide"))]);
        var task = await bridge.RequestAsync(TestBridge.RealSlide, TestBridge.RealSlide);
        await bridge.CompleteAsync(task);
        Assert.Equal(2, bridge.EvaluationsOf(task).Length);
        Assert.All(bridge.EvaluationsOf(task), e => Assert.Matches(@"^\d+% of 2220 x 2967 pixels is tissue$", SummaryOf(e.Result)));
    }

    [Fact]
    public async Task The_model_hosting_services_example_reports_tissue_and_leaves_its_picture()
    {
        var found = await RunScanAsync("--classifier", "devkit:" + Example("model-hosting", "main.py"), "--python", Python.InterpreterWith("openslide"));
        Assert.Equal("1600 x 1200", found.GetProperty("workflow").GetProperty("report").GetProperty("results")[0].GetProperty("result").GetString());
        Assert.True(new FileInfo(Path.Combine(folder.File("out"), "debug", "glance.png")).Length > 0);
        Assert.False(File.Exists(Example("model-hosting", "glance.png")));
    }

    [Fact]
    public async Task The_example_of_any_program_serves_the_platform()
    {
        ExternalTool.Run("perl", "perl", "-MJSON::PP", "-e1");
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, $"exec:perl '{Example("exec", "darkest.pl")}'")]);
        foreach (var task in new[] { await bridge.RequestAsync(), await bridge.RequestAsync() })
        {
            await bridge.CompleteAsync(task);
            Assert.Matches(@"^the darkest of \d+ tiles has a mean of \d+$", SummaryOf(Assert.Single(bridge.EvaluationsOf(task)).Result));
        }
    }

    [Fact]
    public async Task The_example_of_a_script_judges_a_scan()
    {
        ExternalTool.Run("jq", "jq", "--version");
        var script = $"one-shot:sh '{Example("one-shot", "check.sh")}'";
        Assert.Equal("fit for analysis", SummaryOf(await RunScanAsync("--classifier", script)));
        Assert.Equal("resolution too low", (await RunScanAsync("--classifier", script, "--settings", """{"objectivePower": 40}""")).GetProperty("qcFailReasons")[0].GetString());
    }

    [Fact]
    public async Task The_example_of_routes_chooses_by_stain_and_model()
    {
        ExternalTool.Run("jq", "jq", "--version");
        var routes = await File.ReadAllTextAsync(Example("routes", "slidebridge.json"), Token);
        await File.WriteAllTextAsync(folder.File("slidebridge.json"), routes.Replace("../", Example() + "/", StringComparison.Ordinal), Token);
        string[] rules = ["--config", folder.File("slidebridge.json"), "--python", Python.WithNumpyInterpreter];
        Assert.StartsWith("nuclear stain", SummaryOf(await RunScanAsync([.. rules, "--stain", "HE"])), StringComparison.Ordinal);
        Assert.Contains("positive", SummaryOf(await RunScanAsync([.. rules, "--stain", "ki67"])), StringComparison.Ordinal);
        Assert.Equal("fit for analysis", SummaryOf(await RunScanAsync([.. rules, "--model", "check"])));
        Assert.Contains("stains pas): add one to slidebridge.json, or set --model, --company or --stain", (await TryAsync([.. rules, "--stain", "pas"])).Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
