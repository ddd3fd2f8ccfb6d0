using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>A classifier program that calls the bridge which started it.</summary>
public sealed class ProgramCallsTests
{
    /// <summary>Asks its bridge for all tasks, and sends it a task without a token.</summary>
    const string Program = """
        import json, sys, urllib.request

        def ask(port, path, body=None):
            try:
                request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers={"Content-Type": "application/json"})
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return answer.status
            except urllib.error.HTTPError as e:
                return e.code
            except Exception:
                return 0

        print(json.dumps({"type": "ready", "protocol": 1}), flush=True)
        for line in sys.stdin:
            message = json.loads(line)
            if message["type"] != "task":
                continue
            task = message["task"]
            seen = [ask(PORT, "/health/live"), ask(PORT, "/api/tasks"), ask(PORT, "/webhook", json.dumps({"task_id": 7, "scans": {"1": "https://h/a"}}).encode())]
            print(json.dumps({"type": "result", "taskId": task["taskId"], "results": {"scanResults": [{"scanId": task["scans"][0]["id"], "results": {"summary": str(seen)}}]}}), flush=True)
        """;

    [Theory]
    [InlineData("auto")]
    [InlineData("off")]
    public async Task A_program_is_no_operator_though_it_calls_from_this_machine(string sandbox)
    {
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        using var folder = Files.Temporary();
        var program = Path.Combine(folder.Path, "caller.py");
        var port = Files.FreePort();
        await File.WriteAllTextAsync(program, Program.Replace("PORT", $"{port}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await using var node = await LoneNode.StartAsync(null, "--port", $"{port}", "--program-sandbox", sandbox, "--classifier", $"exec:python3 '{program}'");
        var task = (await node.RequestAsync(1)).Single();
        await node.UntilAsync("completed", 1);
        var summary = node.Platform.State.Evaluations.Single(e => e.TaskNumber == task.TaskNumber).Result.GetProperty("results").GetProperty("summary").GetString()!;
        Assert.Equal("[200, 403, 403]", summary);
    }
}
