using System.Threading.RateLimiting;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Verification;

/// <summary>
/// Asks the platform about every claim, within moments of its webhook and before it waits for its turn: a token may live shorter than a queue. A few at a time, so that a
/// burst of webhooks is no flood on the platform. While the platform is away, the claims wait. docs/decisions/verification.md
/// </summary>
sealed partial class TaskVerifier(
    TaskStore store, PlatformClient platform, VerificationQueue queue, WebhookLimits limits, TaskSignal signal, VerificationOptions options, TimeProvider time, ILogger<TaskVerifier> logger) : BackgroundService
{
    /// <summary>Claims that the platform is asked about at a time.</summary>
    const int AtOnce = 8;

    /// <summary>Questions a second: more than tasks that this machine can work on. In a burst of webhooks, answering those comes first.</summary>
    static readonly int Rate = 100 * Environment.ProcessorCount;

    /// <summary>Claims of other nodes, or put off, that are taken at a time.</summary>
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
            await Task.WhenAll([LookAsync(stoppingToken), .. Enumerable.Range(0, AtOnce).Select(_ => VerifyAsync(stoppingToken))]);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops; what was not asked is asked by another node, or at the next start.
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
                // The database is away, as a rule: the claim is found by a later look.
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
            // A token that was made a moment ago may not be known to every server of the platform: a task is not lost for one refusal.
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
                await store.PutOffCheckAsync(check, $"The platform could not confirm the task yet: {answer.Why}.", time.GetUtcNow() + Wait(age, answer.RetryAfter));
                return; // It still waits, and still counts.
        }
        limits.Leave(check.Number, check.Request);
    }

    async Task AgainAsync(PendingCheck check, CancellationToken cancellationToken)
    {
        await Task.Delay(options.FirstWait, time, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        queue.Add(check);
    }

    /// <summary>The older a claim is, the less often the platform is asked about it.</summary>
    TimeSpan Wait(TimeSpan age, TimeSpan? asked)
    {
        var wait = TimeSpan.FromTicks(Math.Clamp((age / 4).Ticks, options.FirstWait.Ticks, Math.Max(options.FirstWait.Ticks, LongestWait.Ticks)));
        return asked is { } least && least > wait ? (least < LongestWait ? least : LongestWait) : wait;
    }

    /// <summary>Takes over what nobody asks about, as long as this node has little to ask itself.</summary>
    async Task LookAsync(CancellationToken cancellationToken)
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

    [LoggerMessage(60, LogLevel.Warning, "Task {Task}: a webhook from {From} was not taken: {Why}")]
    static partial void LogRefused(ILogger logger, long task, string from, string why);

    [LoggerMessage(61, LogLevel.Warning, "Task {Task}: waits until the platform confirms it: {Why}")]
    static partial void LogUnknown(ILogger logger, long task, string why);

    [LoggerMessage(62, LogLevel.Error, "Task {Task}: what the platform said of it could not be recorded; it is asked again: {Why}")]
    static partial void LogNotRecorded(ILogger logger, long task, string why);

    [LoggerMessage(63, LogLevel.Error, "The claims that wait could not be looked up; the next look is in seconds: {Why}")]
    static partial void LogNotLooked(ILogger logger, string why);
}
