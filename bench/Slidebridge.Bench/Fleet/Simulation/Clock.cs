namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>Simulated time, in seconds: plays what was planned in the order of the times; of equal times, in the order in which it was planned.</summary>
sealed class Clock
{
    readonly PriorityQueue<Action, (double At, long Order)> planned = new();
    long order;

    public double Now { get; private set; }

    public void After(double seconds, Action what) => planned.Enqueue(what, (Now + seconds, order++));

    /// <summary>Does it now, and again after each interval.</summary>
    public void Every(double seconds, Action what)
    {
        what();
        After(seconds, () => Every(seconds, what));
    }

    /// <summary>Plays the next event.</summary>
    /// <returns>False: nothing is planned any more.</returns>
    public bool Next()
    {
        if (!planned.TryDequeue(out var what, out var when)) return false;
        Now = when.At;
        what();
        return true;
    }
}
