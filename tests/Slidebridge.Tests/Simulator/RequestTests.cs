using System.Text;
using System.Text.Json.Nodes;

namespace Slidebridge.Tests.Simulation;

/// <summary>AI requests, and the webhook's body as the platform sends it.</summary>
public sealed class RequestTests
{
    const string Path = "/simulator/requests";

    [Fact]
    public async Task The_webhook_gets_the_platforms_body()
    {
        await using var platform = await StandIn.StartAsync();
        await using var webhook = await Webhook.StartAsync();
        var answer = await platform.PostAsync(Path, $$"""{"slides": ["a.svs"], "webhook": "{{webhook.Url}}"}""");
        Assert.Equal(200, answer.Status);

        var body = Assert.Single(webhook.Bodies);
        var task = Assert.Single(platform.Simulator.State.Tasks);
        var scan = Assert.Single(task.Scans);
        Assert.Equal(["case_id", "company_id", "jwt_token", "model_name", "scan_urls", "scans", "stains", "task_id"], body.Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.Equal("7", (string?)body["company_id"]);
        Assert.Equal("model", (string?)body["model_name"]);
        Assert.Equal($"task:{task.TaskNumber}", Decoded(body["task_id"]));
        Assert.Equal($"humanCase:{task.CaseNumber}", Decoded(body["case_id"]));
        Assert.Equal(task.Token, (string?)body["jwt_token"]);
        Assert.Equal($$$"""{"{{{scan.Id}}}":{"value":"HE","stain_code":"HE"}}""", body["stains"]!.ToJsonString());
        var url = Assert.Single(body["scans"]!.AsObject());
        Assert.Equal(scan.Id, url.Key);
        Assert.True(JsonNode.DeepEquals(body["scan_urls"], new JsonObject { [scan.Id] = new JsonArray((string)url.Value!) }));
        Assert.Equal(platform.Slide, (await platform.GetAsync((string)url.Value!)).Bytes);
    }

    [Fact]
    public async Task The_answer_tells_what_became_of_it()
    {
        await using var platform = await StandIn.StartAsync();
        await using var webhook = await Webhook.StartAsync();
        var told = (await platform.PostAsync(Path, $$"""{"slides": ["a.svs", "b.tiff"], "webhook": "{{webhook.Url}}"}""")).Json["requests"]!.AsArray();
        var task = Assert.Single(platform.Simulator.State.Tasks);
        var request = Assert.Single(told)!;
        Assert.Equal((task.TaskNumber, task.TaskId), ((long)request["task"]!, (string)request["task_id"]!));
        Assert.Equal(["a.svs", "b.tiff"], request["scans"]!.AsObject().Select(s => (string?)s.Value));
        Assert.Equal((200, """{"message":"Processing started"}"""), ((int)request["webhook"]!["status"]!, (string)request["webhook"]!["answer"]!));
        Assert.Equal((false, 0, "[]"), ((bool)request["completed"]!, (int)request["evaluations"]!, request["posts"]!.ToJsonString()));

        await platform.PostResultsAsync(task, "{}");
        await platform.PostResultsAsync(task);
        foreach (var path in new[] { $"{Path}/{task.TaskId}", $"{Path}/{task.TaskNumber}" })
        {
            request = (await platform.GetAsync(path)).Json;
            Assert.Equal((true, 2, "[400,201]"), ((bool)request["completed"]!, (int)request["evaluations"]!, request["posts"]!.ToJsonString()));
        }
        Assert.Equal(request.ToJsonString(), Assert.Single((await platform.GetAsync(Path)).List)!.ToJsonString());
        Assert.Equal(404, (await platform.GetAsync(Path + "/1")).Status);
    }

    [Fact]
    public async Task Several_slides_are_the_scans_of_one_task()
    {
        await using var platform = await StandIn.StartAsync();
        await using var webhook = await Webhook.StartAsync();
        await platform.PostAsync(Path, $$"""{"slides": ["a.svs", "b.tiff", "more/c.svs"], "webhook": "{{webhook.Url}}"}""");
        var body = Assert.Single(webhook.Bodies);
        var scans = platform.Simulator.State.Tasks[0].Scans;
        Assert.Equal(["a.svs", "b.tiff", "more/c.svs"], scans.Select(s => s.Slide));
        foreach (var member in new[] { "scans", "scan_urls", "stains" }) Assert.Equal(scans.Select(s => s.Id), body[member]!.AsObject().Select(s => s.Key));
    }

    [Fact]
    public async Task What_is_sent_can_be_chosen()
    {
        await using var platform = await StandIn.StartAsync();
        await using var webhook = await Webhook.StartAsync();
        await platform.PostAsync(Path, $$$"""
            {"slides": ["a.svs"], "webhook": "{{{webhook.Url}}}", "model": "mitosis 2", "company_id": "12", "stain": null, "include_token": false, "include_scan_urls": false,
             "extra": {"model_id": 5, "scans": {}, "nothing": null}}
            """);
        var body = Assert.Single(webhook.Bodies);
        Assert.Equal(["case_id", "company_id", "model_id", "model_name", "nothing", "scans", "task_id"], body.Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("mitosis 2", "12", 5, "{}", null), ((string?)body["model_name"], (string?)body["company_id"], (int)body["model_id"]!, body["scans"]!.ToJsonString(), body["nothing"]));
    }

    [Fact]
    public async Task A_count_makes_as_many_tasks_over_as_many_connections()
    {
        await using var platform = await StandIn.StartAsync();
        await using var webhook = await Webhook.StartAsync(takes: TimeSpan.FromMilliseconds(20));
        var answer = await platform.PostAsync(Path, $$"""{"slides": ["a.svs"], "webhook": "{{webhook.Url}}", "count": 12, "connections": 3}""");
        Assert.Equal(12, answer.Json["requests"]!.AsArray().Count);
        Assert.Equal(12, webhook.Bodies.Select(b => (string)b["task_id"]!).Distinct().Count());
        Assert.Equal(12, webhook.Bodies.Select(b => (string)b["case_id"]!).Distinct().Count());
        Assert.InRange(webhook.MostAtATime, 2, 3);
    }

    [Fact]
    public async Task Tasks_of_one_case_share_its_scans_and_evaluations()
    {
        await using var platform = await StandIn.StartAsync();
        var first = await platform.TaskAsync("a.svs");
        var told = await platform.PostAsync(Path, $$"""{"slides": ["a.svs", "b.tiff", "a.svs"], "case": {{first.CaseNumber}} }""");
        Assert.Equal(200, told.Status);
        var second = platform.Simulator.State.Tasks[1];
        Assert.Equal(first.CaseNumber, second.CaseNumber);
        Assert.Equal(first.Scans[0].Id, second.Scans[0].Id);
        Assert.Equal(3, second.Scans.Select(s => s.Id).Distinct().Count());

        await platform.PostResultsAsync(first);
        await platform.PostResultsAsync(second);
        foreach (var task in new[] { first, second })
            Assert.Equal([first.TaskNumber, second.TaskNumber, second.TaskNumber, second.TaskNumber], (await platform.EvaluationsAsync(task)).List.Select(e => (long)e!["task_id"]!));
        Assert.Equal(0, platform.Simulator.State.Duplicates);
        await platform.PatchCaseAsync(second, """{"triage_score": 0.5}""");
        Assert.Equal(0.5, first.Triage.Score);
    }

    [Theory]
    [InlineData(400, "no such model")]
    [InlineData(301, "")]
    [InlineData(500, "out of order")]
    public async Task What_the_webhook_answers_is_told(int status, string words)
    {
        await using var platform = await StandIn.StartAsync();
        await using var webhook = await Webhook.StartAsync(status, words);
        var told = await platform.PostAsync(Path, $$"""{"slides": ["a.svs"], "webhook": "{{webhook.Url}}"}""");
        var answer = told.Json["requests"]![0]!["webhook"]!;
        Assert.Equal((200, status, words), (told.Status, (int)answer["status"]!, (string)answer["answer"]!));
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_reached_has_status_0()
    {
        await using var platform = await StandIn.StartAsync();
        string url;
        await using (var gone = await Webhook.StartAsync()) url = gone.Url;
        var answer = (await platform.PostAsync(Path, $$"""{"slides": ["a.svs"], "webhook": "{{url}}"}""")).Json["requests"]![0]!["webhook"]!;
        Assert.Equal(0, (int)answer["status"]!);
        Assert.NotEmpty((string)answer["answer"]!);
    }

    static string Decoded(JsonNode? id) => Encoding.ASCII.GetString(Convert.FromBase64String((string)id!));
}
