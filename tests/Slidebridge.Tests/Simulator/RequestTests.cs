using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Commands;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Simulation;

/// <summary>AI requests: what the webhook gets, and the debug note in its place.</summary>
public sealed class RequestTests
{
    const string Path = "/simulator/requests";

    [Fact]
    public async Task The_webhook_is_called_as_the_platform_calls_it()
    {
        await using var platform = await StandIn.StartAsync();
        await using var hook = await WebhookRecorder.StartAsync();
        var answer = await platform.PostAsync(Path, $$"""{"slides":["a.svs","more/c.svs"],"webhook":"{{hook.Url}}","model":"m-1","company_id":"77","extra": {"new_field":[1] } }""");
        Assert.Equal(200, answer.Status);

        var task = platform.Simulator.State.Tasks.Single();
        var body = JsonNode.Parse(hook.Bodies.Single())!;
        Assert.Equal(["company_id", "scans", "task_id", "case_id", "model_name", "scan_urls", "stains", "jwt_token", "new_field"], body.AsObject().Select(m => m.Key));
        Assert.Equal(("77", "m-1"), ((string)body["company_id"]!, (string)body["model_name"]!));
        Assert.Equal($"task:{task.TaskNumber}", Encoding.ASCII.GetString(Convert.FromBase64String((string)body["task_id"]!)));
        Assert.Equal($"humanCase:{task.CaseNumber}", Encoding.ASCII.GetString(Convert.FromBase64String((string)body["case_id"]!)));
        Assert.Equal(task.Scans.Select(s => s.Id), body["scans"]!.AsObject().Select(m => m.Key));
        foreach (var scan in task.Scans)
        {
            Assert.Equal((string)body["scans"]![scan.Id]!, (string)body["scan_urls"]![scan.Id]![0]!);
            Assert.Equal(("HE", "HE"), ((string)body["stains"]![scan.Id]!["value"]!, (string)body["stains"]![scan.Id]!["stain_code"]!));
        }
        Assert.Equal(task.Token, (string)body["jwt_token"]!);
        Assert.Equal(200, (int)answer.Json["requests"]![0]!["webhook"]!["status"]!);
    }

    [Fact]
    public async Task Members_that_are_left_out_have_their_defaults()
    {
        await using var platform = await StandIn.StartAsync();
        await using var hook = await WebhookRecorder.StartAsync();
        await platform.PostAsync(Path, $$"""{"slides":["a.svs"],"webhook":"{{hook.Url}}"}""");
        var body = JsonNode.Parse(hook.Bodies.Single())!;
        Assert.NotNull(body["jwt_token"]);
        Assert.NotNull(body["scan_urls"]);
    }

    [Fact]
    public async Task Optional_members_can_be_left_out_and_many_tasks_made()
    {
        await using var platform = await StandIn.StartAsync();
        await using var hook = await WebhookRecorder.StartAsync();
        await platform.PostAsync(Path, $$"""{"slides":["a.svs"],"webhook":"{{hook.Url}}","count":25,"connections":5,"include_token":false,"include_scan_urls":false,"stain":null}""");
        Assert.Equal(25, hook.Bodies.Count);
        Assert.All(hook.Bodies, b => Assert.Equal(["company_id", "scans", "task_id", "case_id", "model_name"], JsonNode.Parse(b)!.AsObject().Select(m => m.Key)));
        Assert.Equal(25, hook.Bodies.Select(b => (string)JsonNode.Parse(b)!["task_id"]!).Distinct().Count());
    }

    [Fact]
    public async Task Without_a_webhook_the_debug_note_is_the_answer_and_the_bridge_can_read_it()
    {
        await using var platform = await StandIn.StartAsync();
        var note = (await platform.PostAsync(Path, """{"slides":["a.svs","b.tiff"]}""")).Text;
        var task = platform.Simulator.State.Tasks.Single();
        Assert.All(note.Split('\n'), line => Assert.True(line.Length <= 100));
        Assert.Contains("\\u0026", note, StringComparison.Ordinal);
        Assert.DoesNotContain("jwt_token", note, StringComparison.Ordinal);
        Assert.DoesNotContain(StandIn.UrlOf(task), note, StringComparison.Ordinal); // Its lines are broken in the middle of URLs.

        var read = DebugRequest.Parse(note);
        var expected = JsonNode.Parse(task.Body)!.AsObject();
        Assert.Equal((string)expected["jwt_token"]!, (string)(read["jwt_token"] ?? read["token"])!);
        foreach (var name in (string[])["jwt_token", "token"])
        {
            read.Remove(name);
            expected.Remove(name);
        }
        Assert.True(JsonNode.DeepEquals(expected, read), read.ToJsonString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"slides\":[]}")]
    [InlineData("{\"slides\":[\"none.svs\"]}")]
    [InlineData("{\"slides\":[\"../a.svs\"]}")]
    [InlineData("{\"slides\":[\"/etc/hostname\"]}")]
    [InlineData("{\"slides\":[\"a.svs\"],\"webhook\":\"ftp://x\"}")]
    [InlineData("{\"slides\":[\"a.svs\"],\"count\":0}")]
    [InlineData("{\"slides\":[\"a.svs\"],\"connections\":0}")]
    [InlineData("{\"slides\":[\"a.svs\"],\"expires_in\":-1}")]
    [InlineData("{\"slides\":[\"a.svs\"],\"colour\":1}")]
    public async Task A_request_that_cannot_be_made_is_400(string json)
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(400, (await platform.PostAsync(Path, json)).Status);
        Assert.Empty(platform.Simulator.State.Tasks);
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_reached_is_told()
    {
        await using var platform = await StandIn.StartAsync();
        var answer = await platform.PostAsync(Path, """{"slides":["a.svs"],"webhook":"http://127.0.0.1:9/webhook"}""");
        Assert.Equal(0, (int)answer.Json["requests"]![0]!["webhook"]!["status"]!);
    }

    [Fact]
    public async Task What_became_of_requests_is_told_and_forgotten_on_demand()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        await platform.PostResultsAsync(task);
        await platform.PostResultsAsync(task);
        var told = (await platform.GetAsync($"{Path}/{task.TaskNumber}")).Json;
        Assert.True((bool)told["completed"]!);
        Assert.Equal((2, "[201,201]"), ((int)told["evaluations"]!, told["posts"]!.ToJsonString()));
        Assert.Equal(1, (int)(await platform.GetAsync("/simulator/stats")).Json["duplicates"]!);
        Assert.Equal(["a.svs", "b.tiff", "more/c.svs"], (await platform.GetAsync("/simulator/slides")).List.Select(s => (string)s!));

        Assert.Equal(204, (await platform.CallAsync(HttpMethod.Delete, "/simulator/state")).Status);
        Assert.Equal("[]", (await platform.GetAsync(Path)).Text);
        Assert.Equal(404, (await platform.GetAsync($"{Path}/{task.TaskNumber}")).Status);
    }
}
