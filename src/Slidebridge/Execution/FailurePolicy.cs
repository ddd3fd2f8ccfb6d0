using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Decides what happens to a task whose run failed: another attempt after a wait, or failure. Only decides; does not change the task.</summary>
/// <param name="retries">How often a failure of the task itself is retried, and the waits.</param>
/// <param name="crashLimit">Crashes of the process, with the task alone on it, after which a task is marked failed.</param>
sealed class FailurePolicy(Func<RetryOptions> retries, Func<int> crashLimit)
{
    public FailurePolicy(RetryOptions retries, int crashLimit) : this(() => retries, () => crashLimit) { }

    /// <summary>How long a task waits after the bridge itself failed.</summary>
    public static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(15);

    /// <summary>Crashes that a task may share with other tasks. After these it runs alone: docs/decisions/crashes.md.</summary>
    const int SharedCrashes = 2;

    /// <summary>The wait after the second crash; four times as long after each further one.</summary>
    static readonly TimeSpan FirstCrashWait = TimeSpan.FromSeconds(2), LongestCrashWait = TimeSpan.FromMinutes(5);

    /// <summary>Decides what happens to a task.</summary>
    /// <param name="failure">The failure of its run.</param>
    /// <param name="delays">How often the task was rescheduled in this stage.</param>
    public FailureDecision Decide(TaskFailure failure, int delays)
    {
        if (!failure.IsTransient || delays + 1 >= MostAttempts(failure.Origin)) return new FailureDecision(null, delays);
        // However long the machine was not ready, the task keeps one attempt for other failures.
        var counted = failure.Origin is FailureOrigin.Machine ? Math.Max(delays, Math.Min(delays + 1, retries().Tries - 2)) : delays + 1;
        return new FailureDecision(retries().Backoff.Wait(delays + 1), counted);
    }

    /// <summary>The task may be what ends the process: it must be the only one on its node. If the process crashes again, no other task is suspected.</summary>
    public bool MustRunAlone(BridgeTask task) => CrashesOf(task) >= SharedCrashes && LoneCrashesOf(task) < crashLimit();

    /// <summary>How long a task waits before its next run because of a crash that is not counted yet: none after the first, then longer each time, so that a series of lost machines does not use up its attempts.</summary>
    public TimeSpan WaitAfterCrash(BridgeTask task)
    {
        if (task.State is not TaskState.Running || CrashesOf(task) is var crashes && crashes < 2 || LoneCrashesOf(task) >= crashLimit()) return TimeSpan.Zero;
        var wait = FirstCrashWait * Math.Pow(4, Math.Min(crashes, 10) - 2);
        return wait < LongestCrashWait ? wait : LongestCrashWait;
    }

    /// <summary>Refuses a task that ended the process too often while it was alone there.</summary>
    /// <exception cref="PoisonTaskException">It did.</exception>
    public void Check(BridgeTask task)
    {
        if (task.LoneCrashes >= crashLimit()) throw new PoisonTaskException(task.LoneCrashes);
    }

    // A row that is still running means one crash that is not counted yet.
    static int CrashesOf(BridgeTask task) => task.Crashes + (task.State is TaskState.Running ? 1 : 0);

    static int LoneCrashesOf(BridgeTask task) => task.LoneCrashes + (task is { State: TaskState.Running, IsAlone: true } ? 1 : 0);

    int MostAttempts(FailureOrigin origin) => origin switch
    {
        FailureOrigin.Machine => int.MaxValue,
        FailureOrigin.Process => crashLimit(),
        _ => retries().Tries,
    };
}

/// <param name="Wait">How long until the next attempt; null: no further attempt, the task fails.</param>
/// <param name="Delays">How often the task was rescheduled, including this time.</param>
readonly record struct FailureDecision(TimeSpan? Wait, int Delays);
