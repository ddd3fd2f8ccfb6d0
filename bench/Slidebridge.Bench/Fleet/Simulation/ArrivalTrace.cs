namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>When tasks arrive, and what happens to machines meanwhile. Times are seconds since midnight of a Monday.</summary>
/// <param name="Name">Its name for <c>--trace</c>.</param>
/// <param name="Arrivals">When a task arrives.</param>
/// <param name="Hours">How long the trace lasts: machines are paid until its end, or until the last task's if that is later.</param>
/// <param name="Most">Maximum workers.</param>
sealed record ArrivalTrace(string Name, IReadOnlyList<double> Arrivals, double Hours, int Most)
{
    /// <summary>The probability that a machine is lost within an hour.</summary>
    public double Loss { get; init; }

    /// <summary>A worker hears that its machine is about to be lost, and releases its tasks.</summary>
    public bool Notice { get; init; }

    /// <summary>The engine refuses requests from this time on.</summary>
    public double OutageFrom { get; init; } = double.PositiveInfinity;

    /// <summary>Until this time.</summary>
    public double OutageUntil { get; init; } = double.PositiveInfinity;
}
