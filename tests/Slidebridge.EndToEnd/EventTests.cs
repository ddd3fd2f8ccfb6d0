using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Platform;
using Slidebridge.Tests.Support;

namespace Slidebridge.EndToEnd;

/// <summary>Events of real processes: killed between a task's step and the sending, and several nodes on one database.</summary>
public sealed partial class EventTests
{
    static readonly string[] Both = ["task.accepted", "task.completed"];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string[] To(Uri receiver) => ["--events-url", receiver.ToString(), "--events-secret", EventReceiver.Secret];

    static void AssertTold(EventReceiver receiver, IEnumerable<SimulatedTask> tasks)
    {
        foreach (var task in tasks) Assert.Equal(Both, receiver.Accepted.Where(e => e.Subject == $"{task.TaskNumber}").Select(e => e.Type));
        Assert.Empty(receiver.Accepted.GroupBy(e => e.Id).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public async Task Events_that_a_kill_has_left_are_sent_by_the_next_start_in_order()
    {
        var port = Files.FreePort();
        await using var node = await LoneNode.StartAsync(null, To(new Uri($"http://127.0.0.1:{port}/events")));
        var tasks = await node.RequestAsync(5);
        await node.UntilAsync("completed", 5);
        await node.Serve.KillAsync();
        Assert.Contains("accepts no events: it could not be reached: Connection refused. Each event is kept and tried for 1d", node.Serve.Output, StringComparison.Ordinal);

        await using var receiver = await EventReceiver.StartAsync(port);
        await node.RestartAsync();
        await receiver.UntilAsync(r => r.Accepted.Count >= 10);
        AssertTold(receiver, tasks);
    }

    [Fact]
    public async Task An_attempt_that_a_kill_interrupts_is_made_again_with_the_same_id()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var isHolding = true;
        receiver.Answer = async (_, context) =>
        {
            while (Volatile.Read(ref isHolding) && !context.RequestAborted.IsCancellationRequested) await Task.Delay(10, Token);
            return !context.RequestAborted.IsCancellationRequested;
        };
        await using var node = await LoneNode.StartAsync(null, To(receiver.Address));
        var tasks = await node.RequestAsync(3);
        await node.UntilAsync("completed", 3);
        await receiver.UntilAsync(r => r.Requests.Count == 3);
        await node.Serve.KillAsync();
        Volatile.Write(ref isHolding, false);
        var interrupted = receiver.Requests.Select(e => (e.Told, e.Id)).Order().ToList();

        await node.RestartAsync();
        await receiver.UntilAsync(r => r.Accepted.Count >= 6);
        AssertTold(receiver, tasks);
        Assert.Equal(interrupted, receiver.Accepted.Where(e => e.Attempt == 2).Select(e => (e.Told, e.Id)).Order());
    }

    [Fact]
    public async Task Nodes_of_one_database_send_each_event_once_and_each_tasks_in_order_though_the_receiver_fails_now_and_then()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var count = 0;
        receiver.Answer = (_, context) => EventReceiver.StatusAsync(context, Interlocked.Increment(ref count) % 5 == 0 ? 500 : 200);
        await using var cluster = await Cluster.StartAsync(web: 2, workers: 2, ["--concurrency", "4", .. To(receiver.Address)]);
        var tasks = await cluster.PrepareAsync(40);
        var random = new Random(5);
        await Task.WhenAll(tasks.Select(task => cluster.SendAsync(task, random)));
        await cluster.UntilAsync("completed", 40);
        await receiver.UntilAsync(r => r.Accepted.Count >= 80);
        AssertTold(receiver, tasks);
        // Not by one of them alone, or this would show nothing.
        var senders = 0;
        for (var node = 0; node < 4; node++)
        {
            var metrics = await cluster.Node(node).Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
            if (Sent().Matches(metrics).Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) > 0) senders++;
            Assert.Contains("slidebridge_events_waiting{sink=\"url\"}", metrics, StringComparison.Ordinal);
        }
        Assert.True(senders >= 2, $"{senders} of 4 nodes sent");
    }

    [Fact]
    public async Task The_events_that_a_dead_node_had_claimed_are_sent_by_another()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var isHolding = true;
        receiver.Answer = async (_, context) =>
        {
            while (Volatile.Read(ref isHolding) && !context.RequestAborted.IsCancellationRequested) await Task.Delay(10, Token);
            return !context.RequestAborted.IsCancellationRequested;
        };
        await using var cluster = await Cluster.StartAsync(web: 0, workers: 1, To(receiver.Address));
        var tasks = await cluster.PrepareAsync(2);
        foreach (var task in tasks) await cluster.TrySendAsync(task, 0);
        await receiver.UntilAsync(r => r.Requests.Count == 2);
        await cluster.AddWorkerAsync();
        await cluster.KillAsync(0);
        Volatile.Write(ref isHolding, false);
        await receiver.UntilAsync(r => r.Accepted.Count >= 4, seconds: 120);
        AssertTold(receiver, tasks);
    }

    [Fact]
    public async Task A_queue_of_SQS_gets_events_with_the_credentials_of_the_environment_and_only_then_is_the_SDK_loaded()
    {
        await using var queue = await QueueDouble.StartAsync("events.fifo");
        await using var node = await LoneNode.StartAsync(n =>
        {
            n.Environment["AWS_ACCESS_KEY_ID"] = QueueDouble.KeyId;
            n.Environment["AWS_SECRET_ACCESS_KEY"] = QueueDouble.Secret;
            n.Environment["AWS_REGION"] = "eu-central-1";
        }, "--events-sqs", "https://sqs.eu-central-1.amazonaws.com/123456789012/events.fifo", "--events-sqs-endpoint", queue.Endpoint.ToString());
        var tasks = await node.RequestAsync(2);
        await queue.UntilAsync(q => q.Messages.Count == 4);
        foreach (var task in tasks) Assert.Equal(Both, queue.Messages.Where(m => m.Group == $"task-{task.TaskNumber}").Select(m => m.Json["type"]!.GetValue<string>()));
        Assert.Contains("AWSSDK.SQS.dll", await File.ReadAllTextAsync($"/proc/{node.Serve.Id}/maps", Token), StringComparison.Ordinal);

        await using var receiver = await EventReceiver.StartAsync();
        await using var other = await LoneNode.StartAsync(null, To(receiver.Address));
        await other.RequestAsync(1);
        await receiver.UntilAsync(r => r.Accepted.Count == 2);
        // AWSSDK.Core is mapped whenever EF lists the types of the program, among which is the client of AWS Batch; nothing of it runs.
        Assert.DoesNotContain("AWSSDK.SQS", await File.ReadAllTextAsync($"/proc/{other.Serve.Id}/maps", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_ends_a_task_in_the_database_of_a_stopped_bridge_records_the_event()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var node = await LoneNode.StartAsync(null, To(receiver.Address));
        node.HoldClassifier();
        var task = Assert.Single(await node.RequestAsync(1));
        await node.UntilAsync("running", 1);
        await receiver.UntilAsync(r => r.Accepted.Count == 1);
        await node.Serve.KillAsync();
        using (var cancel = ServeProcess.Launch(["tasks", "cancel", $"{task.TaskNumber}", "--data", node.Data], environment: new Dictionary<string, string> { ["SLIDEBRIDGE_EVENTS_URL"] = receiver.Address.ToString() }))
        {
            await cancel.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
            Assert.True(cancel.ExitCode == 0, await cancel.StandardError.ReadToEndAsync(Token));
        }
        await node.RestartAsync();
        await receiver.UntilAsync(r => r.Accepted.Count == 2);
        Assert.Equal(["task.accepted", "task.cancelled"], receiver.Accepted.Select(e => e.Type));
    }

    [Fact]
    public async Task The_receiver_of_the_page_about_events_accepts_them()
    {
        Assert.SkipUnless(Files.HasPython, "Python is not installed (Debian package python3).");
        var page = await File.ReadAllTextAsync(Path.Combine(Files.Root, "docs", "events.md"), Token);
        var port = Files.FreePort();
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, ArgumentList = { "-c", Code().Match(page).Groups[1].Value.Replace("8080", $"{port}", StringComparison.Ordinal) } };
        start.Environment["SLIDEBRIDGE_EVENTS_SECRET"] = EventReceiver.Secret;
        using var python = Process.Start(start)!;
        try
        {
            await using var node = await LoneNode.StartAsync(null, To(new Uri($"http://127.0.0.1:{port}/events")));
            var task = Assert.Single(await node.RequestAsync(1));
            foreach (var type in Both)
            {
                var line = await python.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
                Assert.Matches($"^msg_[0-9a-f]{{32}} \\{{'type': '{type}', .*'task': {task.TaskNumber}, ", line);
            }
        }
        finally
        {
            python.Kill();
        }
    }

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("^slidebridge_events_sent_total\\{[^}]*\\} ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Sent();
}
