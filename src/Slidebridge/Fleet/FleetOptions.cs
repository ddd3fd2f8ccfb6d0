using Slidebridge.Fleet.Engines;

namespace Slidebridge.Fleet;

/// <summary>The section <c>fleet</c> of <c>slidebridge.json</c>.</summary>
/// <param name="Groups">The groups whose workers are started, each once.</param>
/// <param name="Watched">Groups without an engine whose need is reported as the event <c>fleet.needed</c>.</param>
sealed record FleetOptions(IReadOnlyList<FleetGroup> Groups, IReadOnlyList<string> Watched)
{
    /// <summary>How often the controller looks.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A request that its engine does not list counts as present for this long: longer than an engine's call may last.</summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromSeconds(30);

    public bool IsAny => Groups.Count > 0 || Watched.Count > 0;

    public FleetGroup? Find(string group) => Groups.FirstOrDefault(each => each.Group == group);
}

/// <summary>How the workers of one group come and go.</summary>
/// <param name="Group">The execution group.</param>
/// <param name="Engine">What starts them.</param>
sealed record FleetGroup(string Group, EngineOptions Engine)
{
    /// <summary>Workers that are kept without work.</summary>
    public int Least { get; init; }

    /// <summary>Maximum workers that are requested, start or run.</summary>
    public int Most { get; init; } = 1;

    /// <summary>One worker for this many tasks that wait or run.</summary>
    public int TasksPerWorker { get; init; } = 1;

    /// <summary>A worker without work ends by itself after this time.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A request that has not become a worker within this time has failed.</summary>
    public TimeSpan StartWithin { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>The price of a worker's hour, in any currency; null: unknown.</summary>
    public double? Price { get; init; }

    /// <summary>The bridge's address for workers; null: their command names it.</summary>
    public Uri? Bridge { get; init; }
}
