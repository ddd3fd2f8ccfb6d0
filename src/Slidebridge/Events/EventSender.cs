using System.Data.Common;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Events;

/// <summary>
/// Sends the events of one receiver from this node:
/// <code>
///          ┌────────────────────── nothing is due: until a commit adds a row, or a second ◄─┐
///          ▼                                                                                │
/// 1. claim the first event of each subject, as many as there are places ─2─ send ─3─┬─ accepted ──► the row is deleted
///    (one if the receiver is down, after a wait)                                    ├─ not accepted ──► again after a wait
///                                                                                   └─ for longer than the window ──► given up
/// </code>
/// A crash between 2 and 3 sends the event again, with the same id.
/// </summary>
sealed partial class EventSender(IEventSink sink, Outbox outbox, EventOptions options, NodeOptions node, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Attempts at the same time.</summary>
    const int Places = 16;

    /// <summary>Expired events of one commit, because webhooks wait for it.</summary>
    const int ExpireBatch = 1000;

    static readonly TimeSpan BetweenPolls = TimeSpan.FromSeconds(1), BetweenExpiries = TimeSpan.FromMinutes(1), AfterFault = TimeSpan.FromSeconds(1);

    /// <summary>Nodes that claim at the same time come one after another.</summary>
    static readonly TimeSpan BetweenClaims = TimeSpan.FromMilliseconds(50);

    /// <summary>How long attempts may continue when the bridge stops.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    readonly string claim = $"{node.Name}-{sink.Name}";
    readonly TaskSignal.Listener wakes = new();
    readonly CancellationTokenSource sending = new();
    readonly Dictionary<long, Task> attempts = [];
    long? expiredAt;

    public string Sink => sink.Name;

    public string Description => sink.Description;

    public SinkState State { get; } = new(options.Backoff, time);

    /// <summary>Events may be due; returns at once.</summary>
    public void Wake() => wakes.Wake();

    /// <summary>Sends until the bridge stops.</summary>
    /// <param name="isAlone">No other node uses the database: claims are those of an earlier process, which has ended.</param>
    /// <param name="stopping">The bridge stops.</param>
    public async Task RunAsync(bool isAlone, CancellationToken stopping)
    {
        EventTelemetry.Begin(sink.Name);
        try
        {
            if (isAlone) await RecordAsync(() => outbox.ReleaseAllAsync(sink.Name), stopping);
            while (true)
            {
                if (!await TryClaimAsync(stopping)) await WaitAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await StopAsync();
        }
    }

    Task WaitAsync(CancellationToken stopping)
    {
        var left = State.Left;
        return wakes.WaitAsync(left > TimeSpan.Zero && left < BetweenPolls ? left : BetweenPolls, stopping);
    }

    /// <summary>1. Whether there may be more to claim.</summary>
    async Task<bool> TryClaimAsync(CancellationToken stopping)
    {
        try
        {
            if (State.IsDown || State.IsGone) await ExpireAsync();
            if (State.IsGone || State.Left > TimeSpan.Zero) return false;
            var free = (State.IsDown ? 1 : Places) - Active;
            if (free <= 0) return false;
            if (await outbox.ClaimAsync(sink.Name, claim, free, stopping) is not { } claimed)
            {
                await Task.Delay(BetweenClaims * Random.Shared.NextDouble(), time, stopping);
                return true;
            }
            foreach (var each in claimed) Begin(each);
            return claimed.Count > 0;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // As a rule, the database is down, and others report that. An exception that left this loop would stop the bridge.
            if (e is not (StorageException or DbException or TimeoutException) && e.InnerException is not DbException) LogLoopFailed(logger, sink.Description, e);
            await Task.Delay(AfterFault, time, stopping);
            return false;
        }
    }

    int Active
    {
        get
        {
            lock (attempts) return attempts.Count;
        }
    }

    void Begin(OutgoingEvent claimed)
    {
        lock (attempts)
        {
            // The database was down for longer than a claim lasts: the attempt is already made, and its end waits to be recorded.
            if (attempts.ContainsKey(claimed.Id)) return;
            var attempt = SendAsync(claimed);
            attempts.Add(claimed.Id, attempt);
            _ = attempt.ContinueWith(_ =>
            {
                lock (attempts) attempts.Remove(claimed.Id);
                Wake();
            }, TaskScheduler.Default);
        }
    }

    async Task SendAsync(OutgoingEvent claimed)
    {
        await Task.Yield();
        try
        {
            // 2.
            var outcome = await sink.SendAsync(claimed, sending.Token);
            // 3.
            if (outcome.Status is SendStatus.Accepted) await AcceptedAsync(claimed);
            else await FailedAsync(claimed, outcome);
        }
        catch (OperationCanceledException) when (sending.IsCancellationRequested)
        {
            // Another node, or the next start, sends it.
        }
        catch (Exception e)
        {
            LogFault(logger, claimed.Type, claimed.Subject, sink.Description, e);
        }
    }

    async Task AcceptedAsync(OutgoingEvent sent)
    {
        EventTelemetry.Sent(sink.Name, sent.Type);
        if (State.Succeeded()) LogUp(logger, sink.Description);
        await RecordAsync(() => outbox.RemoveAsync(sent, claim), sending.Token);
    }

    async Task FailedAsync(OutgoingEvent failed, SendOutcome outcome)
    {
        EventTelemetry.Failed(sink.Name);
        var left = failed.At + options.Window - time.GetUtcNow();
        var (wasDown, isDownNow) = (State.IsDown, State.Failed(failed.Subject, outcome));
        if (outcome.Status is SendStatus.Gone) LogGone(logger, sink.Description, Duration.Text(options.Window));
        else if (isDownNow) LogDown(logger, sink.Description, outcome.Why, Duration.Text(options.Window));
        if (left <= TimeSpan.Zero)
        {
            EventTelemetry.Dropped(sink.Name, 1);
            LogGivenUp(logger, failed.Type, failed.Subject, sink.Description, Duration.Text(options.Window), outcome.Why);
            await RecordAsync(() => outbox.RemoveAsync(failed, claim), sending.Token);
            return;
        }
        var wait = SinkState.Bounded(options.Backoff.Wait(failed.Tries + 1, SinkState.Bounded(outcome.RetryAfter)));
        // There is a last attempt at the end of the window.
        if (wait > left) wait = left;
        if (!wasDown && !isDownNow) LogFailed(logger, failed.Type, failed.Subject, sink.Description, failed.Tries + 1, wait, outcome.Why);
        await RecordAsync(() => outbox.RescheduleAsync(failed, claim, wait), sending.Token);
    }

    /// <summary>While the database is down, the end of the attempt waits: otherwise every event that was sent meanwhile would be sent again.</summary>
    async Task RecordAsync(Func<Task> record, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await record();
                return;
            }
            catch (StorageException)
            {
                await Task.Delay(AfterFault, time, cancellationToken);
            }
        }
    }

    /// <summary>While nothing is accepted, events that are older than the window are given up without a further attempt.</summary>
    async Task ExpireAsync()
    {
        if (expiredAt is { } last && time.GetElapsedTime(last) < BetweenExpiries && options.Window > BetweenExpiries) return;
        expiredAt = time.GetTimestamp();
        int all = 0, expired;
        do all += expired = await outbox.ExpireAsync(sink.Name, time.GetUtcNow() - options.Window, ExpireBatch);
        while (expired == ExpireBatch);
        if (all == 0) return;
        EventTelemetry.Dropped(sink.Name, all);
        LogExpired(logger, Counted.Text(all, "event was", "events were"), sink.Description, Duration.Text(options.Window));
    }

    async Task StopAsync()
    {
        Task[] last;
        lock (attempts) last = [.. attempts.Values];
        sending.CancelAfter(Grace);
        await Task.WhenAll(last);
        await sending.CancelAsync();
        try
        {
            await outbox.ReleaseAsync(claim);
        }
        catch (Exception e) when (e is StorageException or ObjectDisposedException)
        {
            // The claims end by themselves.
        }
    }

    public void Dispose()
    {
        sending.Dispose();
        (sink as IDisposable)?.Dispose();
    }

    [LoggerMessage(500, LogLevel.Warning, "Events: {Type} of {Subject} was not accepted by {Receiver} (attempt {Attempt}), next attempt in {Wait}: {Why}")]
    static partial void LogFailed(ILogger logger, string type, string subject, string receiver, int attempt, TimeSpan wait, string why);

    [LoggerMessage(501, LogLevel.Error, "Events: {Receiver} accepts no events: {Why}. Each event is kept and tried for {Window}")]
    static partial void LogDown(ILogger logger, string receiver, string why, string window);

    [LoggerMessage(502, LogLevel.Information, "Events: {Receiver} accepts events again")]
    static partial void LogUp(ILogger logger, string receiver);

    [LoggerMessage(503, LogLevel.Error, "Events: {Type} of {Subject} is given up: {Receiver} did not accept it within {Window}: {Why}")]
    static partial void LogGivenUp(ILogger logger, string type, string subject, string receiver, string window, string why);

    [LoggerMessage(504, LogLevel.Error, "Events: {Receiver} answered 410 (Gone): this node sends it no events until it is restarted. Events are kept for {Window}")]
    static partial void LogGone(ILogger logger, string receiver, string window);

    [LoggerMessage(505, LogLevel.Error, "Events: {Events} given up: {Receiver} accepted none within {Window}")]
    static partial void LogExpired(ILogger logger, string events, string receiver, string window);

    [LoggerMessage(506, LogLevel.Error, "Events: the bridge itself failed while it sent {Type} of {Subject} to {Receiver}; it is sent again")]
    static partial void LogFault(ILogger logger, string type, string subject, string receiver, Exception e);

    [LoggerMessage(507, LogLevel.Error, "Events: the bridge itself failed while it looked for events for {Receiver}; it tries again")]
    static partial void LogLoopFailed(ILogger logger, string receiver, Exception e);
}
