using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Slidebridge.Events;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Events;

/// <summary>How events are sent to a receiver that works, that works badly, and that does not.</summary>
public sealed class EventSenderTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static int NumberOf(ReceivedEvent received) => received.Data.GetProperty("waiting").GetInt32();

    static int[] NumbersOf(EventReceiver receiver, string group) => [.. receiver.Accepted.Where(r => r.Subject == group).Select(NumberOf)];

    [Fact]
    public async Task Each_subject_is_told_in_order_and_each_event_once_while_every_third_attempt_fails()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var count = 0;
        receiver.Answer = (_, context) => EventReceiver.StatusAsync(context, Interlocked.Increment(ref count) % 3 == 0 ? 500 : 204);
        await using var sending = await Sending.StartAsync(receiver);
        for (var number = 0; number < 10; number++)
            await Task.WhenAll(Enumerable.Range(0, 12).Select(group => sending.AddAsync($"g{group}", number)));
        await receiver.UntilAsync(r => r.Accepted.Count >= 120);
        await sending.UntilWaitingAsync(0);
        Assert.All(Enumerable.Range(0, 12), group => Assert.Equal(Enumerable.Range(0, 10), NumbersOf(receiver, $"g{group}")));
    }

    [Fact]
    public async Task An_event_that_is_refused_again_and_again_holds_up_its_own_subject_only()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var isRepaired = false;
        receiver.Answer = (received, context) => EventReceiver.StatusAsync(context, received is { Subject: "bad" } && NumberOf(received) == 0 && !isRepaired ? 422 : 200);
        await using var sending = await Sending.StartAsync(receiver);
        await sending.AddAsync("bad", 0);
        await sending.AddAsync("bad", 1);
        await receiver.UntilAsync(r => r.Requests.Count(e => e.Subject == "bad") >= 4);
        Assert.False(sending.Sender.State.IsDown);
        for (var number = 0; number < 5; number++) await sending.AddAsync("good", number);
        await receiver.UntilAsync(r => NumbersOf(r, "good").Length == 5);
        Assert.Empty(NumbersOf(receiver, "bad"));

        isRepaired = true;
        await receiver.UntilAsync(r => NumbersOf(r, "bad").Length == 2);
        Assert.Equal([0, 1], NumbersOf(receiver, "bad"));
        // The id is the event's, the time the attempt's.
        var tries = receiver.Requests.Where(e => e.Subject == "bad" && NumberOf(e) == 0).ToList();
        Assert.Single(tries.Select(e => e.Id).Distinct());
        Assert.Single(tries.Select(e => e.Body).Distinct());
        Assert.StartsWith("msg_", tries[0].Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_receiver_is_tried_by_one_event_at_a_time_after_growing_waits_and_gets_everything_once_it_lives()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var isDead = true;
        var times = new ConcurrentQueue<long>();
        receiver.Answer = (_, context) =>
        {
            times.Enqueue(Stopwatch.GetTimestamp());
            return EventReceiver.StatusAsync(context, Volatile.Read(ref isDead) ? 500 : 200);
        };
        await using var sending = await Sending.StartAsync(receiver, longest: TimeSpan.FromMilliseconds(400));
        await Task.WhenAll(Enumerable.Range(0, 300).Select(group => sending.AddAsync($"g{group}", 0)));
        await receiver.UntilAsync(_ => sending.Sender.State.IsDown);
        await receiver.UntilAsync(r => r.Requests.Count >= 24);
        // 16 at once, and then one after another; 300 events that each try for themselves would be hundreds.
        var waits = times.Zip(times.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a, b)).Skip(17).ToList();
        Assert.All(waits.TakeLast(3), wait => Assert.True(wait >= TimeSpan.FromMilliseconds(190), $"{wait}"));
        Assert.NotNull(sending.Sender.State.Failing);

        Volatile.Write(ref isDead, false);
        await receiver.UntilAsync(r => r.Accepted.Count == 300);
        await sending.UntilWaitingAsync(0);
        Assert.False(sending.Sender.State.IsDown);
        Assert.Null(sending.Sender.State.Failing);
    }

    [Fact]
    public async Task A_receiver_that_asks_for_a_wait_gets_it()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var times = new ConcurrentQueue<long>();
        receiver.Answer = (received, context) =>
        {
            times.Enqueue(Stopwatch.GetTimestamp());
            return EventReceiver.StatusAsync(context, received.Attempt == 1 && received.Subject == "first" ? 429 : 200, "1");
        };
        await using var sending = await Sending.StartAsync(receiver);
        await sending.AddAsync("first", 0);
        while (!(await sending.RowsAsync()).Exists(row => row.Tries == 1) && receiver.Accepted.Count == 0) await Task.Delay(10, TestContext.Current.CancellationToken); // The answer has arrived.
        // Others wait too: the receiver has too much of everything.
        await sending.AddAsync("second", 0);
        await receiver.UntilAsync(r => r.Accepted.Count == 2);
        Assert.True(Stopwatch.GetElapsedTime(times.First(), times.ElementAt(1)) >= TimeSpan.FromMilliseconds(990));
    }

    [Fact]
    public void A_receiver_that_asks_for_a_year_gets_an_hour()
    {
        var state = new SinkState(Sending.Quick(), TimeProvider.System);
        Assert.True(state.Failed("task-1", new SendOutcome(SendStatus.Busy, "it answered 429", TimeSpan.FromDays(365))));
        Assert.InRange(state.Left, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await EventReceiver.StartAsync();
        await using var receiver = await EventReceiver.StartAsync();
        receiver.Answer = (received, context) =>
        {
            if (received.Attempt > 2) return Task.FromResult(true);
            context.Response.Headers.Location = elsewhere.Address.ToString();
            return EventReceiver.StatusAsync(context, received.Attempt == 1 ? 302 : 308);
        };
        await using var sending = await Sending.StartAsync(receiver);
        await sending.AddAsync("g", 0);
        await receiver.UntilAsync(r => r.Accepted.Count == 1);
        Assert.Equal(3, receiver.Requests.Count);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("hangs up")]
    [InlineData("answers without end")]
    public async Task A_receiver_that_is_slow_or_hangs_up_is_asked_again_and_holds_up_no_other_subject(string way)
    {
        await using var receiver = await EventReceiver.StartAsync();
        receiver.Answer = async (received, context) =>
        {
            if (received.Subject != "bad" || received.Attempt > 2) return true;
            switch (way)
            {
                case "hangs up":
                    context.Abort();
                    break;
                case "answers without end":
                    // The status says it all; the body is not read.
                    await context.Response.WriteAsync("ok", Token);
                    await context.Response.Body.FlushAsync(Token);
                    await Task.Delay(TimeSpan.FromSeconds(60), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                    return true;
                default:
                    await Task.Delay(TimeSpan.FromSeconds(60), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                    break;
            }
            return false;
        };
        await using var sending = await Sending.StartAsync(receiver, timeout: TimeSpan.FromMilliseconds(500));
        await sending.AddAsync("bad", 0);
        await receiver.UntilAsync(r => r.Requests.Count == 1);
        await sending.AddAsync("good", 0);
        await receiver.UntilAsync(r => NumbersOf(r, "good").Length == 1);
        await receiver.UntilAsync(r => NumbersOf(r, "bad").Length == 1);
        await sending.UntilWaitingAsync(0);
        Assert.Equal(way == "answers without end" ? 1 : 3, receiver.Requests.Count(e => e.Subject == "bad"));
    }

    [Fact]
    public async Task A_receiver_whose_answer_drips_byte_by_byte_is_left_after_the_time_of_an_attempt()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dripping = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(Token);
            try
            {
                await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nX-Drip: "u8.ToArray(), Token);
                while (true)
                {
                    await client.GetStream().WriteAsync("a"u8.ToArray(), Token);
                    await Task.Delay(5, Token);
                }
            }
            catch (IOException)
            {
                // The sender has left.
            }
        }, Token);
        using var sink = new WebhookSink(new EventUrl(new Uri($"http://{listener.LocalEndpoint}/"), [EventReceiver.Secret]) { Timeout = TimeSpan.FromMilliseconds(300) }, TimeProvider.System);
        var outcome = await sink.SendAsync(new() { Sink = "url", EventId = "msg_1", Subject = "task-1", Type = "task.failed", Body = "{}" }, Token);
        Assert.Equal((SendStatus.Failed, "it could not be reached: the request timed out"), (outcome.Status, outcome.Why));
        await dripping;
    }

    [Fact]
    public async Task A_receiver_that_is_away_is_told_in_a_sentence()
    {
        using var sink = new WebhookSink(new EventUrl(new Uri("http://127.0.0.1:9/secret-path"), [EventReceiver.Secret]), TimeProvider.System);
        var outcome = await sink.SendAsync(new() { Sink = "url", EventId = "msg_1", Subject = "task-1", Type = "task.failed", Body = "{}" }, Token);
        Assert.Equal((SendStatus.Failed, "it could not be reached: Connection refused"), (outcome.Status, outcome.Why));
        Assert.Equal("--events-url (127.0.0.1)", sink.Description);
    }

    [Fact]
    public async Task An_event_that_nobody_accepts_in_time_is_given_up_after_a_last_attempt_and_the_next_one_of_its_subject_goes()
    {
        await using var receiver = await EventReceiver.StartAsync();
        receiver.Answer = (received, context) => EventReceiver.StatusAsync(context, received.Subject == "bad" && NumberOf(received) == 0 ? 400 : 200);
        await using var sending = await Sending.StartAsync(receiver, window: TimeSpan.FromMilliseconds(600));
        await sending.AddAsync("bad", 0);
        await sending.AddAsync("bad", 1);
        await receiver.UntilAsync(r => NumbersOf(r, "bad").Length == 1);
        Assert.Equal([1], NumbersOf(receiver, "bad"));
        await sending.UntilWaitingAsync(0);
    }

    [Fact]
    public async Task While_a_receiver_is_dead_events_that_are_too_old_are_given_up_without_an_attempt()
    {
        await using var receiver = await EventReceiver.StartAsync();
        receiver.Answer = (_, context) => EventReceiver.StatusAsync(context, 503);
        await using var sending = await Sending.StartAsync(receiver, window: TimeSpan.FromMilliseconds(300));
        await Task.WhenAll(Enumerable.Range(0, 60).Select(group => sending.AddAsync($"g{group}", 0)));
        await sending.UntilWaitingAsync(0);
        Assert.True(receiver.Requests.Select(r => r.Id).Distinct().Count() < 60);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_gets_nothing_more_until_the_bridge_is_started_again()
    {
        await using var receiver = await EventReceiver.StartAsync();
        receiver.Answer = (_, context) => EventReceiver.StatusAsync(context, 410);
        await using var sending = await Sending.StartAsync(receiver);
        await sending.AddAsync("g", 0);
        await receiver.UntilAsync(_ => sending.Sender.State.IsGone);
        await sending.AddAsync("h", 0);
        await Task.Delay(500, Token);
        Assert.Single(receiver.Requests);
        // They are kept: the operator may have made a mistake.
        Assert.Equal(2, (await sending.RowsAsync()).Count);
    }

    [Fact]
    public async Task A_stop_lets_an_attempt_end_and_frees_what_it_had_claimed()
    {
        await using var receiver = await EventReceiver.StartAsync();
        var answers = new TaskCompletionSource();
        receiver.Answer = async (_, _) =>
        {
            await answers.Task;
            return true;
        };
        await using var sending = await Sending.StartAsync(receiver);
        await sending.AddAsync("g", 0);
        await sending.AddAsync("g", 1);
        await receiver.UntilAsync(r => r.Requests.Count == 1);
        var stopped = sending.StopAsync();
        Assert.False(stopped.IsCompleted);
        answers.SetResult();
        await stopped;
        var left = Assert.Single(await sending.RowsAsync());
        Assert.Null(left.ClaimedUntil);
        Assert.Single(receiver.Requests);
    }
}
