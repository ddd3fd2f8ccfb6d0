using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Decides what happens to a task whose run failed: another attempt after a wait, or failure. Only decides; does not change the task.</summary>
/// <param name="retries">How often a failure of the task itself is retried, and the waits.</param>
/// <param name="crashLimit">Crashes after which a task is marked failed.</param>
sealed class FailurePolicy(RetryOptions retries, int crashLimit)
{
    /// <summary>How long a task waits after the bridge itself failed.</summary>
    public static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(15);

    /// <summary>Decides what happens to a task.</summary>
    /// <param name="failure">The failure of its run.</param>
    /// <param name="delays">How often the task was rescheduled in this stage.</param>
    public FailureDecision Decide(TaskFailure failure, int delays)
    {
        if (!failure.IsTransient || delays + 1 >= MostAttempts(failure.Origin)) return new FailureDecision(null, delays);
        // However long the machine was not ready, the task keeps one attempt for other failures.
        var counted = failure.Origin is FailureOrigin.Machine ? Math.Max(delays, Math.Min(delays + 1, retries.Tries - 2)) : delays + 1;
        return new FailureDecision(retries.Backoff.Wait(delays + 1), counted);
    }

    /// <summary>One more crash, and the task is marked failed. A row that is still <see cref="TaskState.Running"/> means one crash that is not counted yet.</summary>
    public bool IsOnItsLastChance(BridgeTask task) => task.Crashes + (task.State is TaskState.Running ? 1 : 0) is > 0 and var crashes && crashes >= crashLimit - 1;

    /// <summary>Refuses a task in whose runs the process crashed too often.</summary>
    /// <exception cref="PoisonTaskException">It crashed too often.</exception>
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

/// <param name="Wait">How long until the next attempt; null: no further attempt, the task fails.</param>
/// <param name="Delays">How often the task was rescheduled, including this time.</param>
readonly record struct FailureDecision(TimeSpan? Wait, int Delays);
