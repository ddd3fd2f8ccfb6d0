namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>A machine with a worker, from its request to its end.</summary>
/// <param name="name">Its name.</param>
/// <param name="manner">When it ends by itself.</param>
/// <param name="askedAt">When it was asked for.</param>
sealed class PlayedWorker(string name, WorkerManner manner, double askedAt)
{
    public string Name => name;

    public WorkerManner Manner => manner;

    public double AskedAt => askedAt;

    /// <summary>When its machine was there, and paid from; null: not yet.</summary>
    public double? HereAt { get; set; }

    /// <summary>When it asked for its first task; null: not yet.</summary>
    public double? WorksAt { get; set; }

    public double? EndedAt { get; set; }

    public WorkerFate? Fate { get; set; }

    /// <summary>The tasks that it has leased, the running one first.</summary>
    public List<PlayedTask> Leases { get; } = [];

    public int Taken { get; set; }

    /// <summary>Since when it has had no task.</summary>
    public double IdleSince { get; set; }

    /// <summary>It finishes its running task, and then ends.</summary>
    public bool IsDraining { get; set; }

    public bool IsAlive => EndedAt is null;

    public bool HasPlace => WorksAt is not null && IsAlive && !IsDraining && Leases.Count <= manner.Ahead && !(Taken >= manner.Tasks);
}

/// <summary>How a worker is started: the options of <c>slidebridge work</c>.</summary>
/// <param name="Ahead">Tasks that it leases in addition to the running one.</param>
/// <param name="UntilIdle">It ends after this many seconds without work; null: it does not.</param>
/// <param name="Tasks">It ends after this many tasks; null: it does not.</param>
sealed record WorkerManner(int Ahead, double? UntilIdle = null, int? Tasks = null);

enum WorkerFate
{
    /// <summary>It ended by itself: it had no work, or all its tasks were done.</summary>
    Finished,

    /// <summary>Its request was withdrawn before it had a machine, or a machine on which nothing started was ended.</summary>
    Withdrawn,

    /// <summary>A policy ended it.</summary>
    Stopped,

    /// <summary>Its machine was taken away.</summary>
    Lost,
}
