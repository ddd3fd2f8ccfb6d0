using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>What becomes of a task whose run failed: it is tried again after a wait, or fails. Says so without doing it.</summary>
/// <param name="retries">How often a failure of the task's own is tried again, and after which waits.</param>
/// <param name="crashLimit">How often a process may end while it works on the task.</param>
sealed class FailurePolicy(RetryOptions retries, int crashLimit)
{
    /// <summary>How long a task waits after the bridge itself failed.</summary>
    public static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(15);

    /// <summary>What becomes of a task.</summary>
    /// <param name="failure">The failure of its run.</param>
    /// <param name="delays">How often it was put off in this stage.</param>
    public FailureDecision Decide(TaskFailure failure, int delays)
    {
        if (!failure.IsTransient || delays + 1 >= MostAttempts(failure.Origin)) return new FailureDecision(null, delays);
        // However long the machine was not ready, the task is left an attempt for what else may happen.
        var counted = failure.Origin is FailureOrigin.Machine ? Math.Max(delays, Math.Min(delays + 1, retries.Tries - 2)) : delays + 1;
        return new FailureDecision(retries.Backoff.Wait(delays + 1), counted);
    }

    /// <summary>One more crash, and the task is set aside. A row that is still <see cref="TaskState.Running"/> tells of a crash that is not counted yet.</summary>
    public bool IsOnItsLastChance(BridgeTask task) => task.Crashes + (task.State is TaskState.Running ? 1 : 0) is > 0 and var crashes && crashes >= crashLimit - 1;

    /// <summary>Refuses a task in whose runs the process died too often.</summary>
    /// <exception cref="PoisonTaskException">It is one.</exception>
    public void Check(BridgeTask task)
    {
        if (task.Crashes >= crashLimit) throw new PoisonTaskException(task.Crashes);
    }

    int MostAttempts(FailureOrigin origin) => origin switch
    {
        FailureOrigin.Machine => int.MaxValue,
        FailureOrigin.Process => crashLimit,
        _ => retries.Tries,
    };
}

/// <param name="Wait">How long until the next attempt; null: there is none, the task fails.</param>
/// <param name="Delays">How often the task was put off, this time included.</param>
readonly record struct FailureDecision(TimeSpan? Wait, int Delays);
