using System.Globalization;
using System.Text.Json.Nodes;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Tests.Simulation;

public sealed class ResultsTests
{
    [Fact]
    public async Task Valid_results_are_201_and_null_and_complete_the_task()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync("a.svs", "b.tiff");
        Assert.False(task.Completed);
        var answer = await platform.PostResultsAsync(task);
        Assert.Equal((201, "null", "application/json"), (answer.Status, answer.Text, answer.Headers["Content-Type"]));
        Assert.True(task.Completed);
        Assert.Equal(task.Scans.Select(s => s.Id), platform.Simulator.State.Evaluations.Select(e => e.Scan));
    }

    [Fact]
    public async Task A_task_is_known_by_its_base64_id_and_by_its_number()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        foreach (var id in new[] { task.TaskId, Uri.EscapeDataString(task.TaskId), task.TaskNumber.ToString(CultureInfo.InvariantCulture) })
            Assert.Equal(201, (await platform.PostAsync($"/api/v3/external/results/{id}", StandIn.Results(task), task.Token)).Status);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("abc")]
    [InlineData("-185001")]
    [InlineData("185001x")]
    [InlineData("aHVtYW5DYXNlOjE4NTAwMQ==")] // humanCase:185001
    [InlineData("dGFzazoxODUwMDI=")] // task:185002
    [InlineData("99999999999999999999999999")]
    public async Task An_unknown_task_is_404(string id)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        Assert.Equal(185001, task.TaskNumber);
        Assert.Equal(404, (await platform.PostAsync($"/api/v3/external/results/{id}", StandIn.Results(task), task.Token)).Status);
        Assert.Equal(404, (await platform.GetAsync($"/api/v3/external/case_evaluations/{id}", task.Token)).Status);
        Assert.Equal(404, (await platform.CallAsync(HttpMethod.Patch, $"/api/v3/external/case/{id}", "{}", task.Token)).Status);
    }

    [Fact]
    public async Task A_second_post_appends()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        Assert.Equal(0, platform.Simulator.State.Duplicates);
        for (var i = 0; i < 2; i++) Assert.Equal(201, (await platform.PostResultsAsync(task)).Status);
        Assert.Equal(2, (await platform.EvaluationsAsync(task)).List.Count);
        Assert.Equal(1, platform.Simulator.State.Duplicates);
        Assert.Equal([201, 201], task.Posts.Select(p => p.Status));
    }

    [Fact]
    public async Task No_scan_at_all_completes_the_task_too()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        Assert.Equal(201, (await platform.PostResultsAsync(task, """{"scanResults":[]}""")).Status);
        Assert.True(task.Completed);
        Assert.Empty(platform.Simulator.State.Evaluations);
    }

    /// <summary>Members of a scan's result, each of which the platform refuses.</summary>
    public static TheoryData<string> Invalid =>
    [
        "\"results\": []",
        "\"results\": {\"summary\": 3}",
        "\"results\": {\"summary\": null}",
        "\"geojson\": []",
        "\"geojson\": {\"type\": \"Feature\"}",
        "\"geojson\": {\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"properties\": {}, \"geometry\": {\"type\": \"Point\", \"coordinates\": [1, 2]}}]}",
        "\"geojson\": {\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"properties\": {\"annotation_type\": \"a\"}, \"geometry\": {\"type\": \"Circle\"}}]}",
        "\"geojson\": {\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"bbox\": [1, 2, 3], \"properties\": {\"annotation_type\": \"a\"}, \"geometry\": {\"type\": \"Point\", \"coordinates\": [1, 2]}}]}",
        "\"qcFailReasons\": \"blurred\"",
        "\"qcFailReasons\": [1]",
        "\"workflow\": {}",
        "\"workflow\": {\"model_name\": \"m\", \"provider\": \"p\", \"ruo\": \"yes\", \"report\": {\"type\": \"Basic\", \"results\": [], \"segments\": []}}",
        "\"workflow\": {\"model_name\": \"m\", \"provider\": \"p\", \"ruo\": true, \"report\": {\"type\": \"New\"}}",
        "\"workflow\": {\"model_name\": \"m\", \"provider\": \"p\", \"ruo\": true, \"report\": {\"type\": \"RegionCounting\", \"objects\": [{\"x\": 1}], \"regions\": []}}",
        "\"results\": {\"name\": \"\\ud800\"}",
    ];

    [Theory, MemberData(nameof(Invalid))]
    public async Task One_invalid_scan_refuses_all_of_the_post(string members)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync("a.svs", "b.tiff");
        var body = JsonNode.Parse(StandIn.Results(task))!;
        var valid = body["scanResults"]![0]!.ToJsonString();
        var answer = await platform.PostResultsAsync(task, $$"""{"scanResults":[{{valid}},{"scanId":"{{task.Scans[1].Id}}",{{members}}}]}""");
        AssertRefused(platform, task, answer);
        if (!members.Contains("ud800")) Assert.Contains("scanResults[1]", (string)answer.Json["error"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"scanResults\": {}}")]
    [InlineData("{\"scanResults\": [1]}")]
    [InlineData("{\"scanResults\": [{}]}")]
    [InlineData("{\"scanResults\": [{\"scanId\": \"1\"}]}")]
    [InlineData("{\"scanResults\": [{\"scanId\": 8061861}]}")]
    [InlineData("{\"scanResults\": [{\"scanId\": \"8061861\"}], \"caseResults\": 5}")]
    [InlineData("{\"scanResults\": [{\"scanId\": \"8061861\"}], \"caseResults\": {\"triage\": {\"category\": \"urgent\"}}}")]
    [InlineData("{\"scanResults\": [{\"scanId\": \"8061861\"}], \"caseResults\": {\"name\": \"\\ud800\"}}")]
    [InlineData("{\"scanResults\": [{\"scanId\": \"8061861\"}]")]
    [InlineData("{\"scanResults\": [{\"scanId\": \"8061861\"}]} more")]
    public async Task A_body_of_another_shape_is_refused(string body)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        Assert.Equal("8061861", task.Scans[0].Id);
        AssertRefused(platform, task, await platform.PostResultsAsync(task, body));
    }

    static void AssertRefused(StandIn platform, SimulatedTask task, Answer answer)
    {
        Assert.Equal(400, answer.Status);
        Assert.NotEmpty((string)answer.Json["error"]!);
        Assert.Empty(platform.Simulator.State.Evaluations);
        Assert.False(task.Completed);
        Assert.Equal([400], task.Posts.Select(p => p.Status));
    }
}
