using System.Text.Json;
using Slidebridge.Hosting;
using Slidebridge.Simulator.Requests;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.MainJob;

/// <summary>What is doubtful of a slide is told to the classifier, the operator and the log of the task; what a slide does not have is refused.</summary>
public sealed class SlideWarningTests
{
    const string Slide = "svs_zero_edge_tiles.svs";

    [Theory]
    [InlineData(null, "0.25")]
    [InlineData("0.4", "0.4")]
    public async Task Warnings_reach_a_program_the_API_and_the_events_and_the_settings_correct_the_resolution(string? mpp, string told)
    {
        var slides = Path.GetDirectoryName(SharedFiles.Find("reported/" + Slide))!;
        var json = $$"""{ "classifiers": { "teller": { "use": {{JsonSerializer.Serialize("python:" + Python.File("warnings.py"))}}{{(mpp is null ? "" : $", \"settings\": {{ \"mpp\": {mpp} }}")}} } } }""";
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, "teller"), (ServeSettings.Python, Python.Interpreter)], options => options with { SlidesDirectory = slides }, json: json);
        var task = (await bridge.RequestAsync(new AiRequest { Slides = [Slide], Webhook = new Uri(bridge.Address, "/webhook").ToString() })).Single();
        await bridge.CompleteAsync(task);

        var result = Assert.Single(bridge.EvaluationsOf(task)).Result.GetProperty("results");
        var before = mpp is null ? "" : "'resolution-doubtful'";
        Assert.Equal($"{told} [{before}] [{(before.Length > 0 ? before + ", " : "")}'tiles-filled', 'enlarged'] True", result.GetProperty("summary").GetString());
        Assert.Contains("3 times the slide's detail", result.GetProperty("refused").GetString(), StringComparison.Ordinal);

        var seen = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
        var codes = seen.GetProperty("scans")[0].GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("code").GetString()).ToList();
        Assert.Equal(mpp is null ? ["tiles-filled", "enlarged"] : ["resolution-doubtful", "tiles-filled", "enlarged"], codes);
        var events = seen.GetProperty("events").EnumerateArray().Select(step => step.GetProperty("what").GetString()!).ToList();
        Assert.Contains(events, what => what.Contains("Level 1 does not store all of its tiles", StringComparison.Ordinal) && what.EndsWith("(tiles-filled)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_asks_for_more_than_the_slide_has_fails_the_task_with_both_numbers()
    {
        var json = $$"""{ "classifiers": { "teller": { "use": "nuclei", "settings": { "mpp": 1.5 } } } }""";
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, "teller")], json: json);
        var task = await bridge.RequestAsync();
        var ended = await bridge.EndAsync(task);
        Assert.Equal("failed", ended.GetProperty("state").GetString());
        Assert.Contains("mpp", ended.GetProperty("lastError").GetString(), StringComparison.Ordinal);
    }
}
