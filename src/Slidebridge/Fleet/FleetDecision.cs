namespace Slidebridge.Fleet;

/// <summary>What the controller sees of one group.</summary>
/// <param name="Now">The time.</param>
/// <param name="Waiting">Each waiting task, with the time at which its URLs expire; null: they do not, or its slides are copied already.</param>
/// <param name="Running">Tasks that workers of the group run.</param>
/// <param name="Members">The fleet's workers of the group that have not ended.</param>
/// <param name="Others">Workers of the group at work that the fleet has not started.</param>
sealed record FleetView(DateTimeOffset Now, IReadOnlyList<DateTimeOffset?> Waiting, int Running, IReadOnlyList<FleetMember> Members, int Others)
{
    /// <summary>How long a worker needs for a task, from the group's last ones; null: unknown.</summary>
    public TimeSpan? TaskTime { get; init; }

    /// <summary>How long a worker needs from the request to its first call, from the group's last ones; zero: unknown.</summary>
    public TimeSpan StartTime { get; init; }

    /// <summary>No worker may be asked for before this, because the last starts failed.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}

/// <summary>A worker of the fleet that has not ended.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Stage">What it does now.</param>
/// <param name="AskedAt">When it was requested.</param>
/// <param name="SinceStart">When its machine was there; null: not yet.</param>
/// <param name="IsAdopted">Somebody else may have asked for it: it is not withdrawn.</param>
readonly record struct FleetMember(string Name, FleetStage Stage, DateTimeOffset AskedAt, DateTimeOffset? SinceStart = null, bool IsAdopted = false);

enum FleetStage
{
    /// <summary>Asked for; the engine does not list it yet.</summary>
    Asked,

    /// <summary>The engine has no machine for it yet.</summary>
    Queued,

    /// <summary>It has a machine, and has not asked the bridge for work yet.</summary>
    Starting,

    /// <summary>It has asked the bridge for work.</summary>
    There,
}

/// <summary>
/// What the controller does about one group. A pure function, so that the bench can play years of arrivals against it:
/// <code>
/// tasks that wait and run ─► one worker for each tasksPerWorker ─┐
/// when their URLs expire ─► enough workers to be in time ────────┴► at least least, at most most ─► less those that are there or come ─► start
/// </code>
/// Workers that work are never stopped: they end by themselves.
/// </summary>
/// <param name="Wanted">How many workers there should be.</param>
/// <param name="Start">How many to ask for.</param>
/// <param name="Withdraw">Requests that are not needed any more, and have no machine yet.</param>
/// <param name="Late">Requests that should have become a worker by now.</param>
/// <param name="Overdue">Those of them that have a machine, which costs money: they are ended.</param>
sealed record FleetDecision(int Wanted, int Start, IReadOnlyList<string> Withdraw, IReadOnlyList<string> Late, IReadOnlyList<string> Overdue)
{
    /// <summary>Maximum requests of one pass: an engine that refuses them all is asked again with a wait.</summary>
    public const int MostStarts = 20;

    /// <summary>The longest wait after failed starts. A longer one means that the wall clock was set back.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    public static FleetDecision Of(FleetGroup group, FleetView view)
    {
        var wanted = Math.Clamp(Math.Max(ByNumber(group, view), ByExpiry(view)), group.Least, group.Most);
        var missing = wanted - view.Members.Count - view.Others;
        List<FleetMember> late = [.. view.Members.Where(m => m is { Stage: not FleetStage.There, IsAdopted: false } && view.Now - m.AskedAt > group.StartWithin)];
        // Requests that the engine does not serve do not multiply.
        var mayStart = late.Count == 0 && !(view.NotBefore > view.Now && view.NotBefore - view.Now <= LongestPause);
        // Not while tasks wait: a request that is withdrawn loses its place in the engine's queue.
        var surplus = view.Waiting.Count > 0 ? 0 : Math.Min(-missing, view.Members.Count - group.Least);
        return new(
            wanted, mayStart ? Math.Clamp(missing, 0, MostStarts) : 0,
            [.. view.Members.Where(m => m is { Stage: FleetStage.Queued, IsAdopted: false }).OrderByDescending(m => m.AskedAt).Take(Math.Max(0, surplus)).Select(m => m.Name)],
            [.. late.Select(m => m.Name)],
            [.. late.Where(m => m.Stage is FleetStage.Starting && view.Now - m.SinceStart > group.StartWithin).Select(m => m.Name)]);
    }

    static int ByNumber(FleetGroup group, FleetView view) => (view.Waiting.Count + view.Running + group.TasksPerWorker - 1) / group.TasksPerWorker;

    /// <summary>The workers with which every waiting task begins before its URLs expire, if they are worked off in the order of expiry and a new worker needs its usual time to start.</summary>
    static int ByExpiry(FleetView view)
    {
        if (view.TaskTime is not { } each || each <= TimeSpan.Zero) return 0;
        var needed = 0;
        var before = view.Running;
        foreach (var expiry in view.Waiting.OfType<DateTimeOffset>().Order())
        {
            var left = expiry - view.Now - view.StartTime;
            // What cannot be in time any more is copied by the bridge, or fails whatever is done.
            if (left > TimeSpan.Zero) needed = Math.Max(needed, (int)Math.Min(int.MaxValue / 2, Math.Ceiling((before + 1) * each / Max(left, each))));
            before++;
        }
        return needed;
    }

    static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
