namespace Slidebridge.Execution;

/// <summary>
/// How many tasks have their slides opened before a classifier is free: as many as are needed so that the classifiers do not wait for slides, by the times that the last tasks took.
/// A fast classifier on a distant store needs many; a slow classifier needs few, and a node should not claim tasks that another node could begin.
/// </summary>
/// <param name="concurrency">Tasks that are classified at a time.</param>
sealed class OpenedAhead(int concurrency)
{
    /// <summary>Hides a few round trips even from a classifier that takes only one round trip's time.</summary>
    public const int Least = 8;

    /// <summary>Open slides use memory, and requests of the store's host.</summary>
    public const int Most = 56;

    /// <summary>How much the newest task counts in the average times.</summary>
    const double Newest = 0.2;

    readonly Lock gate = new();
    TimeSpan? opening, classifying;

    /// <summary>The present number: <see cref="Least"/> to <see cref="Most"/>.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                if (opening is not { } open || classifying is not { } busy) return Least;
                // While one task is opened, this many are classified.
                var needed = Math.Ceiling(concurrency * (open / (busy > TimeSpan.FromMilliseconds(1) ? busy : TimeSpan.FromMilliseconds(1))));
                return (int)Math.Clamp(needed, Least, Most);
            }
        }
    }

    /// <summary>Records how long the slides of a task took to open.</summary>
    public void Opened(TimeSpan time)
    {
        lock (gate) opening = Average(opening, time);
    }

    /// <summary>Records how long a task was classified.</summary>
    public void Classified(TimeSpan time)
    {
        lock (gate) classifying = Average(classifying, time);
    }

    static TimeSpan Average(TimeSpan? average, TimeSpan time) => average is { } before ? before + (time - before) * Newest : time;
}
