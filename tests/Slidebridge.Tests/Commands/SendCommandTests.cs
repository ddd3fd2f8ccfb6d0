using System.Text.Json;
using Slidebridge.Commands;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class SendCommandTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static Task<Ran> SendAsync(params string[] arguments) => Ran.AsAsync(SendCommand.Create(Bridge.CreateBuilder([])), arguments);

    static async Task<string> NoteAsync(TemporaryFolder folder, string body)
    {
        await File.WriteAllTextAsync(folder.File("note.txt"), $"Debug request:\n{body}\n", Token);
        return folder.File("note.txt");
    }

    [Fact]
    public async Task A_note_says_what_became_of_it_and_that_nothing_runs_for_a_completed_task()
    {
        await using var bridge = await TestBridge.StartAsync();
        using var folder = new TemporaryFolder();
        var task = await bridge.PrepareAsync();
        var note = await NoteAsync(folder, task.Body);
        var (code, told, error) = await SendAsync(note, "--to", new Uri(bridge.Address, "/webhook").ToString());
        Assert.True(code == 0, error);
        Assert.Equal($"Task {task.TaskNumber}: Processing started. Follow it on {bridge.Address}tasks/{task.TaskNumber}", told.TrimEnd());
        await bridge.CompleteAsync(task);

        (code, told, error) = await SendAsync(note, "--url", bridge.Address.ToString()).AsFailure();
        Assert.Equal((1, ""), (code, told));
        Assert.StartsWith($"Task {task.TaskNumber} is completed, so nothing runs and nothing was sent. 'slidebridge tasks rerun {task.TaskNumber}' classifies it again", error, StringComparison.Ordinal);
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_note_that_the_webhook_refuses_fails_with_its_sentence()
    {
        await using var bridge = await TestBridge.StartAsync();
        using var folder = new TemporaryFolder();
        var (code, _, error) = await SendAsync(await NoteAsync(folder, """{"task_id": 5, "scans": {}}"""), "--url", bridge.Address.ToString()).AsFailure();
        Assert.Equal(1, code);
        Assert.StartsWith("The webhook refused the request (400): $.scans", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_is_classified_here_without_a_bridge_and_nothing_is_posted()
    {
        await using var bridge = await TestBridge.StartAsync();
        using var folder = new TemporaryFolder();
        var task = await bridge.PrepareAsync();
        var note = await NoteAsync(folder, task.Body);
        var (code, told, error) = await SendAsync(note, "--run", "--allow-host", "127.0.0.1", "--out", folder.File("out"));
        Assert.True(code == 0, error);
        Assert.Contains("classifier: boxes, the default; use --classifier for another", error, StringComparison.Ordinal);
        Assert.Contains($"scan {task.Scans[0].Id}: 4 boxes", error, StringComparison.Ordinal);
        Assert.Equal(["results.json", "overlay.png", "annotations.geojson"], told.TrimEnd().Split('\n').Select(Path.GetFileName));
        using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(folder.File("out/results.json"), Token));
        Assert.Equal(task.Scans[0].Id, results.RootElement.GetProperty("scanResults")[0].GetProperty("scanId").GetString());
        Assert.Empty(bridge.EvaluationsOf(task));
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("total").GetInt32());

        // A note's URLs may lead anywhere: not to this machine unasked.
        (code, _, error) = await SendAsync(note, "--run", "--out", folder.File("out")).AsFailure();
        Assert.Equal(1, code);
        Assert.Contains("--allow-host", error, StringComparison.Ordinal);
    }
}
