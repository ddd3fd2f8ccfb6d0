namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>What is the same for all traces and policies. Times are seconds.</summary>
sealed record SimulationSettings
{
    /// <summary>With the same seed the results are the same.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The mean time of a task on a worker (lognormal).</summary>
    public double TaskTime { get; init; } = 90;

    /// <summary>The standard deviation of the logarithm of that time: with 0.6, one task in twenty takes more than 2.2 times the mean.</summary>
    public double TaskTimeSigma { get; init; } = 0.6;

    /// <summary>A task's URLs expire after this time.</summary>
    public double Expiry { get; init; } = 3600;

    /// <summary>The shortest start-up of a worker, from the request to its first call.</summary>
    public double StartUpFrom { get; init; } = 120;

    /// <summary>The longest.</summary>
    public double StartUpUntil { get; init; } = 480;

    /// <summary>The part of the start-up in which the request waits for a machine, which is not paid yet.</summary>
    public double Queued { get; init; } = 0.25;

    /// <summary>Tasks that a worker leases in addition to the one that it runs.</summary>
    public int Ahead { get; init; } = 1;

    /// <summary>One worker for this many tasks, in the policies that have such a setting.</summary>
    public int TasksPerWorker { get; init; } = 4;

    /// <summary>Workers that Slidebridge keeps without work.</summary>
    public int Least { get; init; }

    /// <summary>A worker of Slidebridge ends after this time without work.</summary>
    public double Idle { get; init; } = 120;

    /// <summary>An autoscaler removes workers only when fewer were wanted for this long.</summary>
    public double Cooldown { get; init; } = 300;

    /// <summary>The probability that a machine is lost within an hour, in the traces with losses.</summary>
    public double Loss { get; init; } = 0.2;

    /// <summary>A lease that is not renewed is taken over after this time: <c>--lease-time</c>.</summary>
    public double LeaseTime { get; init; } = 45;

    /// <summary>How often workers and waiting tasks are counted for a chart; 0: never.</summary>
    public double SampleEvery { get; init; }
}
