using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slidebridge.Tests.Simulation;

public sealed class EvaluationsTests
{
    [Fact]
    public async Task A_task_without_results_has_none()
    {
        await using var platform = await StandIn.StartAsync();
        var answer = await platform.EvaluationsAsync(await platform.TaskAsync());
        Assert.Equal((200, "[]"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Each_scan_is_an_evaluation_with_numbers_for_its_ids()
    {
        await using var platform = await StandIn.StartAsync();
        var (task, _) = (await platform.TaskAsync("a.svs", "b.tiff"), await platform.PostResultsAsync(await platform.TaskAsync()));
        await platform.PostResultsAsync(task);
        var answer = await platform.EvaluationsAsync(task);
        Assert.Equal(task.Scans.Select(s => long.Parse(s.Id)), answer.List.Select(e => (long)e!["sample_id"]!));
        Assert.All(answer.List, e =>
        {
            Assert.Equal((task.TaskNumber, task.CaseNumber), ((long)e!["task_id"]!, (long)e["case_id"]!));
            Assert.Equal(["id", "sample_id", "case_id", "task_id", "details"], e.AsObject().Select(m => m.Key));
        });
        Assert.Equal([2, 3], answer.List.Select(e => (long)e!["id"]!));
    }

    [Fact]
    public async Task A_link_is_lifted_out_of_the_report()
    {
        var details = await DetailsAsync("""
            "results": {"count": 12, "external_url": "https://viewer.example/1", "nested": {"external_url": "stays"}}
            """);
        Assert.Equal("""{"report":{"count":12,"nested":{"external_url":"stays"}},"external_url":"https://viewer.example/1"}""", details.ToJsonString());
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("{\"url\":\"https://viewer.example\"}")]
    public async Task A_link_that_is_no_string_stays_in_the_report(string link)
    {
        var details = await DetailsAsync($$"""
            "results": {"external_url": {{link}}}
            """);
        Assert.Equal($$$"""{"report":{"external_url":{{{link}}}}}""", details.ToJsonString());
    }

    [Fact]
    public async Task The_cases_values_are_told_only_if_sent()
    {
        var sent = await DetailsAsync("""
            "results": {}
            """, """, "caseResults": {"mitoses": 3}""");
        Assert.Equal("""{"report":{},"caseReport":{"mitoses":3}}""", sent.ToJsonString());
        var absent = await DetailsAsync("""
            "results": {}
            """, """, "caseResults": null""");
        Assert.Equal("""{"report":{}}""", absent.ToJsonString());
    }

    [Fact]
    public async Task The_workflow_the_annotations_and_the_quality_are_not_told()
    {
        var details = await DetailsAsync("""
            "results": {"a": 1}, "qcFailReasons": [], "geojson": {"type": "FeatureCollection", "features": []},
            "workflow": {"model_name": "m", "provider": "p", "ruo": true, "report": {"type": "Basic", "results": [], "segments": []}}
            """);
        Assert.Equal("""{"report":{"a":1}}""", details.ToJsonString());
    }

    [Theory]
    [InlineData("\"qcFailReasons\": null")]
    [InlineData("\"results\": null")]
    public async Task A_scan_without_values_has_no_report(string members) =>
        Assert.Equal("{}", (await DetailsAsync(members)).ToJsonString());

    [Fact]
    public async Task Of_a_member_that_is_there_twice_the_last_is_told()
    {
        var details = await DetailsAsync("""
            "results": {"a": 1, "external_url": "first", "a": 2, "external_url": "last", "deep": {"b": 1, "b": 2}}
            """, """, "caseResults": {"c": 1, "c": 2}""");
        Assert.Equal("last", (string?)details["external_url"]);
        Assert.Equal("""{"a":2,"deep":{"b":2}}""", details["report"]!.ToJsonString());
        Assert.Equal("""{"c":2}""", details["caseReport"]!.ToJsonString());
    }

    /// <summary>The details of a task's only evaluation, from results with these members.</summary>
    static async Task<JsonNode> DetailsAsync(string members, string ofCase = "")
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        Assert.Equal(201, (await platform.PostResultsAsync(task, StandIn.Results(task, members)[..^1] + ofCase + "}")).Status);
        var answer = await platform.EvaluationsAsync(task);
        Assert.Equal(200, answer.Status);
        using var strict = JsonDocument.Parse(answer.Bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
        return Assert.Single(answer.List)!["details"]!;
    }
}
