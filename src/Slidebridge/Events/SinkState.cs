using Slidebridge.Tasks;

namespace Slidebridge.Events;

/// <summary>
/// What this node knows of a receiver. One event that is refused again and again does not stop the others; but if several different events fail and none succeeds between them, or the
/// receiver asks for fewer calls, the receiver is down: then one event at a time is tried, after growing waits.
/// </summary>
sealed class SinkState(Backoff backoff, TimeProvider time)
{
    /// <summary>Subjects whose events failed in a row, until the receiver counts as down.</summary>
    const int Enough = 3;

    /// <summary>A receiver that is down is tried at least so often, so that everything else waits no longer once it is up again.</summary>
    static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait that a receiver may ask for.</summary>
    static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    readonly Backoff pauseOf = backoff with { Longest = backoff.Longest < LongestPause ? backoff.Longest : LongestPause };
    readonly Lock gate = new();
    readonly HashSet<string> failed = [];
    int pauses;
    long pausedAt;
    TimeSpan pause;
    DateTimeOffset? failingSince;
    string why = "";
    bool isGone;

    /// <summary>Every attempt fails: try one event at a time.</summary>
    public bool IsDown
    {
        get
        {
            lock (gate) return pauses > 0;
        }
    }

    /// <summary>The receiver wants no events any more.</summary>
    public bool IsGone
    {
        get
        {
            lock (gate) return isGone;
        }
    }

    /// <summary>How long no attempt may be made.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (gate) return pauses > 0 && pause - time.GetElapsedTime(pausedAt) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Since when every attempt has failed, and why the last one did; null: the last one succeeded.</summary>
    public (DateTimeOffset Since, string Why)? Failing
    {
        get
        {
            lock (gate) return failingSince is { } since ? (since, why) : null;
        }
    }

    /// <returns>Whether the receiver was down until now.</returns>
    public bool Succeeded()
    {
        lock (gate)
        {
            var wasDown = pauses > 0;
            failed.Clear();
            (pauses, failingSince) = (0, null);
            return wasDown;
        }
    }

    /// <returns>Whether the receiver is down from now on.</returns>
    public bool Failed(string subject, SendOutcome outcome)
    {
        lock (gate)
        {
            failingSince ??= time.GetUtcNow();
            why = outcome.Why;
            isGone |= outcome.Status is SendStatus.Gone;
            failed.Add(subject);
            var wasDown = pauses > 0;
            // Attempts that were made together count as one.
            if (wasDown && pause > time.GetElapsedTime(pausedAt)) return false;
            if (!wasDown && failed.Count < Enough && outcome.Status is SendStatus.Failed) return false;
            // Only the number is needed from here on.
            failed.Clear();
            pauses++;
            (pausedAt, pause) = (time.GetTimestamp(), Bounded(pauseOf.Wait(pauses, Bounded(outcome.RetryAfter))));
            return !wasDown;
        }
    }

    /// <summary>The wait, or the longest one that a receiver may ask for.</summary>
    public static TimeSpan Bounded(TimeSpan wait) => wait < LongestAsked ? wait : LongestAsked;

    /// <inheritdoc cref="Bounded(TimeSpan)"/>
    public static TimeSpan? Bounded(TimeSpan? wait) => wait is { } asked ? Bounded(asked) : null;
}
