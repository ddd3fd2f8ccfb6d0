using System.Threading.RateLimiting;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Verification;

/// <summary>
/// Asks the platform about every claim, within moments of its webhook and before the task waits to run, because a token may expire sooner. Only a few at a time, so that
/// a burst of webhooks does not flood the platform. While the platform cannot be reached, the claims wait. docs/decisions/verification.md
/// </summary>
sealed partial class TaskVerifier(
    TaskStore store, PlatformClient platform, VerificationQueue queue, WebhookLimits limits, TaskSignal signal, VerificationOptions options, TimeProvider time, ILogger<TaskVerifier> logger) : BackgroundService
{
    /// <summary>Maximum number of claims that the platform is asked about at the same time.</summary>
    const int AtOnce = 8;

    /// <summary>Maximum requests per second: more than the tasks that this machine can run. In a burst of webhooks, answering them comes first.</summary>
    static readonly int Rate = 100 * Environment.ProcessorCount;

    /// <summary>Maximum number of other nodes' claims, or of rescheduled ones, that are taken at a time.</summary>
    const int Batch = 64;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2), WhileManyWait = TimeSpan.FromMilliseconds(50), LongestWait = TimeSpan.FromSeconds(30), BetweenCounts = TimeSpan.FromMinutes(1);

    readonly TokenBucketRateLimiter pace = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = Rate / 10,
        TokensPerPeriod = Rate / 20,
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(50),
        QueueLimit = AtOnce,
    });

    public override void Dispose()
    {
        pace.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll([PollAsync(stoppingToken), .. Enumerable.Range(0, AtOnce).Select(_ => VerifyAsync(stoppingToken))]);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops; another node asks about the remaining claims, or this one at its next start.
        }
    }

    async Task VerifyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var check = await queue.TakeAsync(cancellationToken);
            using var turn = await pace.AcquireAsync(1, cancellationToken);
            try
            {
                await DecideAsync(check, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Usually the database is down: a later poll finds the claim.
                LogNotRecorded(logger, check.Number, e.GetBaseException().Message);
            }
            finally
            {
                queue.Done(check);
            }
        }
    }

    async Task DecideAsync(PendingCheck check, CancellationToken cancellationToken)
    {
        TaskCheck answer;
        using (TaskTelemetry.Untraced(TaskStage.Verify)) answer = await platform.CheckTaskAsync(check.PlatformId, check.Token, cancellationToken);
        switch (answer.Verdict)
        {
            case TaskVerdict.Confirmed:
                await store.ConfirmAsync(check);
                signal.Wake();
                break;
            // A token made a moment ago may not be known to every server of the platform yet: one refusal does not end a task.
            case TaskVerdict.Refused when !check.WasRefused:
                _ = AgainAsync(check with { WasRefused = true }, cancellationToken);
                return;
            case TaskVerdict.Refused:
                await store.RefuseAsync(check, answer.Why);
                LogRefused(logger, check.Number, check.From, answer.Why);
                break;
            default:
                LogUnknown(logger, check.Number, answer.Why);
                var age = time.GetUtcNow() - check.Since;
                if (age > options.Window)
                {
                    await store.RefuseAsync(check, $"the platform did not confirm it within {options.Window}: {answer.Why}");
                    break;
                }
                await store.RescheduleCheckAsync(check, $"The platform has not confirmed the task yet: {answer.Why}.", time.GetUtcNow() + Wait(age, answer.RetryAfter));
                return; // The claim still waits, and still counts towards the limit.
        }
        limits.Leave(check.Number, check.Request);
    }

    async Task AgainAsync(PendingCheck check, CancellationToken cancellationToken)
    {
        await Task.Delay(options.FirstWait, time, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        queue.Add(check);
    }

    /// <summary>The older a claim is, the less often the bridge asks the platform about it.</summary>
    TimeSpan Wait(TimeSpan age, TimeSpan? asked)
    {
        var wait = TimeSpan.FromTicks(Math.Clamp((age / 4).Ticks, options.FirstWait.Ticks, Math.Max(options.FirstWait.Ticks, LongestWait.Ticks)));
        return asked is { } least && least > wait ? (least < LongestWait ? least : LongestWait) : wait;
    }

    /// <summary>Takes claims that no node asks about, while this node has few claims to ask about.</summary>
    async Task PollAsync(CancellationToken cancellationToken)
    {
        var counted = time.GetTimestamp();
        while (true)
        {
            var found = 0;
            try
            {
                if (queue.Count < AtOnce)
                {
                    var checks = await store.ClaimChecksAsync(Batch, cancellationToken);
                    foreach (var check in checks) queue.Add(check);
                    found = checks.Count;
                }
                if (time.GetElapsedTime(counted) > BetweenCounts)
                {
                    foreach (var (number, request) in await store.DecidedAsync(limits.OlderThan(BetweenCounts), cancellationToken)) limits.Leave(number, request);
                    counted = time.GetTimestamp();
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotLooked(logger, e.GetBaseException().Message);
            }
            await Task.Delay(found >= Batch ? WhileManyWait : options.FirstWait < BetweenLooks ? options.FirstWait : BetweenLooks, time, cancellationToken);
        }
    }

    [LoggerMessage(60, LogLevel.Warning, "Task {Task}: a webhook from {From} was not accepted: {Why}")]
    static partial void LogRefused(ILogger logger, long task, string from, string why);

    [LoggerMessage(61, LogLevel.Warning, "Task {Task}: waits until the platform confirms the task: {Why}")]
    static partial void LogUnknown(ILogger logger, long task, string why);

    [LoggerMessage(62, LogLevel.Error, "Task {Task}: the platform's answer about the task could not be stored; the bridge asks again: {Why}")]
    static partial void LogNotRecorded(ILogger logger, long task, string why);

    [LoggerMessage(63, LogLevel.Error, "Waiting webhooks could not be read from the database; the bridge tries again within seconds: {Why}")]
    static partial void LogNotLooked(ILogger logger, string why);
}
