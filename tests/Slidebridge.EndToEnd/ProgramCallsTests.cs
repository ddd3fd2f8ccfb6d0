using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>A classifier program that calls the bridge which started it.</summary>
public sealed class ProgramCallsTests
{
    /// <summary>Asks every server on this machine for its tasks, and sends it a task without a token.</summary>
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

        def ports():
            for line in open("/proc/net/tcp").readlines()[1:]:
                fields = line.split()
                if fields[3] == "0A":
                    yield int(fields[1].split(":")[1], 16)

        print(json.dumps({"type": "ready", "protocol": 1}), flush=True)
        for line in sys.stdin:
            message = json.loads(line)
            if message["type"] != "task":
                continue
            task = message["task"]
            seen = [f"{ask(p, '/api/tasks')} {ask(p, '/webhook', json.dumps({'task_id': 7, 'scans': {'1': 'https://h/a'}}).encode())}" for p in ports() if ask(p, "/health/live") == 200]
            print(json.dumps({"type": "result", "taskId": task["taskId"], "results": {"scanResults": [{"scanId": task["scans"][0]["id"], "results": {"summary": ", ".join(seen)}}]}}), flush=True)
        """;

    [Theory]
    [InlineData("auto")]
    [InlineData("off")]
    public async Task A_program_is_no_operator_though_it_calls_from_this_machine(string sandbox)
    {
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        using var folder = Files.Temporary();
        var program = Path.Combine(folder.Path, "caller.py");
        await File.WriteAllTextAsync(program, Program, TestContext.Current.CancellationToken);
        await using var node = await LoneNode.StartAsync(null, "--program-sandbox", sandbox, "--classifier", $"exec:python3 '{program}'");
        var task = (await node.RequestAsync(1)).Single();
        await node.UntilAsync("completed", 1);
        var summary = node.Platform.State.Evaluations.Single(e => e.TaskNumber == task.TaskNumber).Result.GetProperty("results").GetProperty("summary").GetString()!;
        // Other bridges of this machine may answer too: none lets it in.
        Assert.Contains("403 403", summary, StringComparison.Ordinal);
        Assert.DoesNotContain("200", summary, StringComparison.Ordinal);
    }
}
