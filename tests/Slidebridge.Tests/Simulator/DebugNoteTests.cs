using System.Text.Json.Nodes;
using Slidebridge.Commands;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Tests.Simulation;

/// <summary>The debug note: what a person copies from a task's notes and gives to <c>slidebridge send</c>.</summary>
public sealed class DebugNoteTests
{
    [Fact]
    public async Task Without_a_webhook_the_answer_is_the_debug_note()
    {
        await using var platform = await StandIn.StartAsync();
        var note = await platform.PostAsync("/simulator/requests", """{"slides": ["a.svs"]}""");
        Assert.Equal((200, "text/plain; charset=utf-8"), (note.Status, note.Headers["Content-Type"]));
        Assert.StartsWith("Debug request for task 185001\n{\n", note.Text);
        Assert.Contains("\\u0026X-Amz-", note.Text.ReplaceLineEndings(""));
        Assert.DoesNotContain("&", note.Text);
        Assert.Contains("\"token\": \"", note.Text);
        Assert.DoesNotContain("jwt_token", note.Text);
        Assert.All(note.Text.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.Contains(note.Text.Split('\n'), line => line.Length == 100 && line.Contains("http", StringComparison.Ordinal)); // a URL was broken
        Assert.Null(Assert.Single(platform.Simulator.State.Tasks).Webhook);
    }

    [Theory]
    [InlineData("""{"slides": ["a.svs"]}""")]
    [InlineData("""{"slides": ["a.svs", "b.tiff", "more/c.svs"], "stain": null, "include_scan_urls": false}""")]
    [InlineData("""{"slides": ["a.svs"], "include_token": false}""")]
    [InlineData("""{"slides": ["a.svs"], "extra": {"text": "a \"quoted\" \\ backslash, ümlaut 🔬 and tab\t", "deep": {"list": [1, 2.5, null, true]}}}""")]
    public async Task The_bridge_reads_the_note_as_the_webhooks_body(string json)
    {
        await using var platform = await StandIn.StartAsync();
        var note = await platform.PostAsync("/simulator/requests", json);
        AssertSame(Assert.Single(platform.Simulator.State.Tasks).Body, note.Text);
    }

    [Fact]
    public async Task No_place_of_a_line_break_loses_a_blank_or_an_escape()
    {
        await using var platform = await StandIn.StartAsync();
        foreach (var shift in Enumerable.Range(0, 30))
        {
            var text = new string('x', shift) + string.Concat(Enumerable.Repeat(" a  bc & \\ \"", 20));
            var task = (await platform.Simulator.RequestAsync(new AiRequest { Slides = ["a.svs"], Model = text }, TestContext.Current.CancellationToken))[0];
            AssertSame(task.Body, DebugNote.Of(task));
        }
    }

    [Fact]
    public async Task A_count_makes_as_many_notes()
    {
        await using var platform = await StandIn.StartAsync();
        var notes = (await platform.PostAsync("/simulator/requests", """{"slides": ["a.svs"], "count": 3}""")).Text.Split("Debug request")[1..];
        foreach (var (task, note) in platform.Simulator.State.Tasks.Zip(notes, (t, n) => (t, n))) AssertSame(task.Body, note);
        Assert.Equal(3, notes.Length);
    }

    [Fact]
    public async Task The_note_may_come_with_the_lines_of_another_system()
    {
        await using var platform = await StandIn.StartAsync();
        var note = await platform.PostAsync("/simulator/requests", """{"slides": ["a.svs"]}""");
        AssertSame(platform.Simulator.State.Tasks[0].Body, note.Text.ReplaceLineEndings("\r\n"));
    }

    static void AssertSame(string body, string note)
    {
        var parsed = DebugRequest.Parse(note);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), parsed), $"Expected {body}\nFound {parsed.ToJsonString()}");
    }
}
