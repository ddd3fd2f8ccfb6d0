using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Events;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Settings;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;
using Slidebridge.Tests.Verification;

namespace Slidebridge.Tests.Events;

/// <summary>Which events a bridge sends for what happens to its tasks, and what they say.</summary>
public sealed class EventTests
{
    static readonly string[] Fields = ["task", "state", "model", "classifier", "group", "scans", "attempts", "posts", "acceptedAt", "verifiedAt", "classifierSeconds"];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static (Setting, string)[] To(EventReceiver receiver, params (Setting, string)[] more) => [(ServeSettings.EventsUrl, receiver.Address.ToString()), (ServeSettings.EventsSecret, EventReceiver.Secret), .. more];

    static string[] ToldOf(EventReceiver receiver, SimulatedTask task) => [.. receiver.Accepted.Where(e => e.Subject == $"{task.TaskNumber}").Select(e => e.Type)];

    static Task UntilAsync(EventReceiver receiver, SimulatedTask task, params string[] types) => receiver.UntilAsync(r => ToldOf(r, task).Length >= types.Length).ContinueWith(_ => Assert.Equal(types, ToldOf(receiver, task)), TaskScheduler.Default);

    static Task<HttpResponseMessage> OperateAsync(TestBridge bridge, SimulatedTask task, string operation) =>
        bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/{operation}", UriKind.Relative), operation is "reject" ? JsonContent.Create(new { reason = "a name is Smith" }) : null, Token);

    /// <summary>Fails with a patient's name.</summary>
    sealed class Talkative : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) => throw new ClassifierException("Smith, John: /data/smith.svs was not found at http://store.example/x?X-Amz-Signature=1");
    }

    sealed class Waiting : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public async Task A_task_that_completes_is_accepted_and_then_completed_and_nothing_says_whose_it_is()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver));
        var task = await bridge.RequestAsync();
        await UntilAsync(receiver, task, "task.accepted", "task.completed");
        var row = await bridge.CompleteAsync(task);

        var (accepted, completed) = (receiver.Accepted[0], receiver.Accepted[1]);
        Assert.Equal(Fields.Order(), accepted.Data.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(Fields.Order(), completed.Data.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(["type", "timestamp", "data"], JsonDocument.Parse(completed.Body).RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal((task.TaskNumber, "completed", "boxes", "default", 1, 1, 1), (completed.Data.GetProperty("task").GetInt64(), completed.Data.GetProperty("state").GetString(), completed.Data.GetProperty("classifier").GetString(),
            completed.Data.GetProperty("group").GetString(), completed.Data.GetProperty("scans").GetInt32(), completed.Data.GetProperty("attempts").GetInt32(), completed.Data.GetProperty("posts").GetInt32()));
        Assert.Equal((row.GetProperty("acceptedAt").GetDateTimeOffset(), row.GetProperty("verifiedAt").GetDateTimeOffset()), (completed.Data.GetProperty("acceptedAt").GetDateTimeOffset(), completed.Data.GetProperty("verifiedAt").GetDateTimeOffset()));
        Assert.Equal("accepted", accepted.Data.GetProperty("state").GetString());
        Assert.Equal(row.GetProperty("verifiedAt").GetDateTimeOffset(), accepted.At);
        Assert.Equal(row.GetProperty("model").GetString(), completed.Data.GetProperty("model").GetString());
        foreach (var secret in (string[])[task.Scans[0].Id, task.Token, row.GetProperty("case").ToString(), "http", "amz", ".svs", "company"])
            Assert.DoesNotContain(secret, accepted.Body + completed.Body, StringComparison.OrdinalIgnoreCase);
        await UntilEmptyAsync(bridge);
    }

    static async Task UntilEmptyAsync(TestBridge bridge)
    {
        while (true)
        {
            await using var database = await bridge.DatabaseAsync();
            if (!await database.Outbox.AnyAsync(Token)) return;
            await Task.Delay(10, Token);
        }
    }

    [Fact]
    public async Task A_failure_is_told_in_a_fixed_sentence_and_a_retry_accepts_the_task_anew()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver), classifiers: b => b.AddClassifier<Talkative>("talkative"));
        var task = await bridge.RequestAsync();
        await UntilAsync(receiver, task, "task.accepted", "task.failed");
        var failed = receiver.Accepted[1];
        Assert.Equal("The analysis program could not analyse this case.", failed.Data.GetProperty("reason").GetString());
        Assert.DoesNotContain("Smith", failed.Body, StringComparison.OrdinalIgnoreCase);
        using var retried = await OperateAsync(bridge, task, "retry");
        Assert.Equal(HttpStatusCode.OK, retried.StatusCode);
        await UntilAsync(receiver, task, "task.accepted", "task.failed", "task.accepted", "task.failed");
        Assert.False(receiver.Accepted[2].Data.TryGetProperty("reason", out _));
        Assert.Equal(4, receiver.Accepted.Select(e => e.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_result_that_the_platform_refuses_is_told_without_its_words(bool isReported)
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver, (ServeSettings.DeliveryReportFailures, isReported ? "yes" : "no")));
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 422 });
        var task = await bridge.RequestAsync();
        await UntilAsync(receiver, task, "task.accepted", "task.failed");
        Assert.Equal("The platform did not accept its result.", receiver.Accepted[1].Data.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_held_result_is_told_when_it_waits_and_when_it_was_decided()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver), json: """{ "routes": [ { "classifier": "boxes", "hold": true } ] }""");
        var (released, rejected) = (await bridge.RequestAsync(), await bridge.RequestAsync());
        await UntilAsync(receiver, released, "task.accepted", "task.held");
        await UntilAsync(receiver, rejected, "task.accepted", "task.held");
        Assert.True(receiver.Accepted.First(e => e.Type == "task.held").Data.GetProperty("heldUntil").GetDateTimeOffset() > DateTimeOffset.UtcNow);
        using var _ = await OperateAsync(bridge, released, "release");
        using var __ = await OperateAsync(bridge, rejected, "reject");
        await UntilAsync(receiver, released, "task.accepted", "task.held", "task.completed");
        await UntilAsync(receiver, rejected, "task.accepted", "task.held", "task.failed");
        Assert.Equal("The result was rejected after a review.", receiver.Accepted.Single(e => e.Type == "task.failed").Data.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_cancelled_task_is_told()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver), classifiers: b => b.AddClassifier<Waiting>("waiting"));
        var task = await bridge.RequestAsync();
        await bridge.UntilAsync(task, "running");
        using var _ = await OperateAsync(bridge, task, "cancel");
        await UntilAsync(receiver, task, "task.accepted", "task.cancelled");
    }

    [Fact]
    public async Task A_webhook_that_the_platform_does_not_confirm_tells_nobody_anything()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver));
        var forged = await bridge.PrepareAsync();
        await bridge.AssertTakenAsync(forged.WithSlideOf(new Uri("http://127.0.0.1:9/x"), "not.a.token"));
        await bridge.EndAsync(forged);
        // Sent after it, so the forged one's events would have come first.
        var real = await bridge.RequestAsync();
        await UntilAsync(receiver, real, "task.accepted", "task.completed");
        Assert.Empty(ToldOf(receiver, forged));
        // Its own webhook is confirmed, and tells from then on.
        await bridge.AssertTakenAsync(forged.Body);
        await UntilAsync(receiver, forged, "task.accepted", "task.completed");
    }

    [Fact]
    public async Task Without_a_receiver_nothing_is_recorded()
    {
        await using var bridge = await TestBridge.StartAsync();
        await bridge.CompleteAsync(await bridge.RequestAsync());
        Assert.False(bridge.Services.GetRequiredService<CommitQueue>().AddsRows);
        await bridge.Services.GetRequiredService<CommitQueue>().CommitAsync(database =>
        {
            bridge.Services.GetRequiredService<EventOutbox>().AddFleetNeeded(database, "gpu", 3);
            return Task.FromResult(true);
        });
        await using var database = await bridge.DatabaseAsync();
        Assert.Equal(0, await database.Outbox.CountAsync(Token));
    }

    [Fact]
    public async Task A_fleet_that_is_needed_is_told_with_its_group()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver));
        await bridge.Services.GetRequiredService<CommitQueue>().CommitAsync(database =>
        {
            bridge.Services.GetRequiredService<EventOutbox>().AddFleetNeeded(database, "gpu", 12);
            return Task.FromResult(true);
        });
        await receiver.UntilAsync(r => r.Accepted.Count == 1);
        Assert.Matches("""^\{"type":"fleet.needed","timestamp":"[-0-9T:.+Z]+","data":\{"group":"gpu","waiting":12\}\}$""", receiver.Accepted[0].Body);
    }

    [Theory]
    [InlineData("boxes", "boxes")]
    [InlineData("exec:/opt/lab/run --token=s3cret", "exec:run")]
    [InlineData("python:models/mine.py", "python:mine.py")]
    [InlineData("kserve:http://gpu-7.example:8000 model.yaml", "kserve")]
    public async Task A_classifier_is_named_without_folders_arguments_and_hosts_and_no_name_stops_the_commit(string classifier, string name)
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync(To(receiver));
        var number = (await bridge.CompleteAsync(await bridge.RequestAsync())).GetProperty("task").GetInt64();
        await bridge.Services.GetRequiredService<CommitQueue>().CommitAsync(async database =>
        {
            var task = (await database.FindTaskAsync(number))!;
            (task.Model, task.Classifier) = ("<é> \ud800\u0000\"", classifier);
            bridge.Services.GetRequiredService<TaskStore>().Move(task, TaskState.Delivering, "a step of the test");
            return true;
        });
        await receiver.UntilAsync(r => r.Accepted.Count >= 3);
        Assert.Equal("task.accepted", receiver.Accepted[2].Type);
        Assert.Equal((name, "<é> \ufffd\u0000\""), (receiver.Accepted[2].Data.GetProperty("classifier").GetString(), receiver.Accepted[2].Data.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task An_event_is_saved_with_its_step_or_not_at_all()
    {
        await using var receiver = await EventReceiver.StartAsync();
        receiver.Answer = (_, context) => EventReceiver.StatusAsync(context, 500);
        await using var bridge = await TestBridge.StartAsync(To(receiver));
        var commits = bridge.Services.GetRequiredService<CommitQueue>();
        var before = await bridge.CompleteAsync(await bridge.RequestAsync());
        await Assert.ThrowsAsync<StorageException>(() => commits.CommitAsync(async database =>
        {
            var task = (await database.FindTaskAsync(before.GetProperty("task").GetInt64()))!;
            bridge.Services.GetRequiredService<TaskStore>().Move(task, TaskState.Delivering, "a step that is not saved");
            database.Add(new ScanPicture { TaskNumber = 404, ScanId = "1" }); // There is no such task.
            return true;
        }));
        await using var database = await bridge.DatabaseAsync();
        Assert.Equal(["task.accepted", "task.completed"], await database.Outbox.OrderBy(e => e.Id).Select(e => e.Type).ToListAsync(Token));
    }

    [Fact]
    public async Task A_trouble_that_lasts_is_told_to_those_who_ask_whether_the_node_is_ready_and_does_not_stop_it()
    {
        await using var receiver = await EventReceiver.StartAsync();
        receiver.Answer = (_, context) => EventReceiver.StatusAsync(context, 410);
        await using var bridge = await TestBridge.StartAsync(To(receiver));
        await bridge.CompleteAsync(await bridge.RequestAsync());
        await receiver.UntilAsync(_ => bridge.Services.GetRequiredService<EventSending>().Trouble is not null);
        var health = await bridge.GetJsonAsync("/health/ready");
        Assert.Equal("ready", health.GetProperty("status").GetString());
        Assert.Matches(@"^--events-url \(127\.0\.0\.1\) has accepted no events since [-0-9: ]+ UTC: it answered 410 \(Gone\)\.$", health.GetProperty("why").GetString());
    }

    [Fact]
    public async Task Events_whose_receiver_is_not_configured_any_more_are_deleted_in_the_end()
    {
        await using var bridge = await TestBridge.StartAsync();
        var now = DateTimeOffset.UtcNow;
        await bridge.Services.GetRequiredService<CommitQueue>().CommitAsync(database =>
        {
            foreach (var (id, age) in (ReadOnlySpan<(string, int)>)[("msg_old", 9), ("msg_young", 7)])
                database.Outbox.Add(new OutgoingEvent { Sink = "url", EventId = id, Subject = "task-1", Type = "task.failed", Body = "{}", At = now.AddDays(-age) });
            return Task.FromResult(true);
        });
        await bridge.Services.GetRequiredService<Retention>().SweepAsync(Token);
        await using var database = await bridge.DatabaseAsync();
        Assert.Equal("msg_young", Assert.Single(await database.Outbox.ToListAsync(Token)).EventId);
    }
}
