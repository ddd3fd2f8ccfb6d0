using Slidebridge.Fleet;
using Slidebridge.Fleet.Engines;

namespace Slidebridge.Bench.Fleet.Simulation.Policies;

/// <summary>
/// Slidebridge: each pass calls <see cref="FleetDecision.Of"/> itself, with what <see cref="FleetBooks"/> would give it. The database, the engine's calls and repeated requests are not simulated: a pass takes no time.
/// </summary>
sealed class DecisionPolicy() : FleetPolicy("slidebridge")
{
    static readonly DateTimeOffset Epoch = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero); // A Monday.

    /// <summary>A request.</summary>
    /// <param name="Worker">Its worker; null: the engine refused it.</param>
    sealed record Row(string Name, double AskedAt, PlayedWorker? Worker)
    {
        public bool HasWorked { get; set; }
    }

    readonly FleetOptions options = new([], []);
    readonly List<Row> rows = [];
    readonly List<(double WorkedAt, double Seconds)> starts = [];
    int failures, refused;
    double notBefore;

    public override void Begin(Site site, SimulationSettings settings)
    {
        var group = new FleetGroup("gpu", new ProcessOptions(null)) { Least = settings.Least, Most = site.Trace.Most, TasksPerWorker = settings.TasksPerWorker, Idle = Seconds(settings.Idle) };
        var (manner, waits) = (new WorkerManner(settings.Ahead, settings.Idle), new Random(settings.Seed + 4));
        site.IsKept = worker => site.Alive.Where(w => w.WorksAt is not null).Select(w => w.Name).Order(StringComparer.Ordinal).Take(settings.Least).Contains(worker.Name);
        site.Clock.Every(options.Every.TotalSeconds, () => Look(site, group, manner, waits));
    }

    /// <summary>A pass of <see cref="FleetController"/>.</summary>
    void Look(Site site, FleetGroup group, WorkerManner manner, Random waits)
    {
        var now = site.Clock.Now;
        Reconcile(now);
        var decision = FleetDecision.Of(group, View(site, now));
        foreach (var name in decision.Withdraw.Concat(decision.Overdue))
            if (rows.First(r => r.Name == name).Worker is { } worker) site.End(worker, WorkerFate.Withdrawn);
        var isRefused = false;
        for (var left = decision.Start; left > 0 && !isRefused; left -= FleetController.AtATime)
        {
            for (var i = 0; i < Math.Min(left, FleetController.AtATime); i++)
            {
                var worker = site.Ask(manner);
                isRefused |= worker is null;
                rows.Add(new Row(worker?.Name ?? $"refused-{refused++}", now, worker));
            }
        }
        if (!isRefused && decision.Overdue.Count == 0) return;
        failures++;
        notBefore = now + FleetBooks.Waits.Longest.TotalSeconds * Math.Min(1, FleetBooks.Waits.First / FleetBooks.Waits.Longest * Math.Pow(2, failures - 1)) * (0.5 + waits.NextDouble() / 2);
    }

    /// <summary>What <see cref="FleetBooks.ReconcileAsync"/> does with the rows.</summary>
    void Reconcile(double now)
    {
        foreach (var row in rows.Where(r => !r.HasWorked && r.Worker?.WorksAt is not null))
        {
            row.HasWorked = true;
            starts.Add((row.Worker!.WorksAt!.Value, row.Worker.WorksAt.Value - row.AskedAt));
            (failures, notBefore) = (0, 0);
        }
        // The engine tells how a worker ended. It does not list what it refused, and what was withdrawn.
        rows.RemoveAll(r => r.Worker is { Fate: WorkerFate.Finished or WorkerFate.Lost } || (r.Worker is not { IsAlive: true } && now - r.AskedAt >= options.Settling.TotalSeconds));
    }

    FleetView View(Site site, double now)
    {
        var since = now - FleetBooks.SampleIsGoodFor.TotalSeconds;
        var times = Last(site.Ended).Where(t => t.EndedAt > since).Select(t => t.Seconds).ToList();
        var last = Last(starts).Where(s => s.WorkedAt > since).Select(s => s.Seconds).ToList();
        return new FleetView(At(now), [.. site.Waiting.Select(t => (DateTimeOffset?)At(t.ExpiresAt))], site.Running, [.. rows.Select(Member)], 0)
        {
            TaskTime = times.Count == 0 ? null : Seconds(times.Average()),
            StartTime = Seconds(last.Count == 0 ? 0 : last.Average()),
            NotBefore = At(notBefore),
        };
    }

    static List<T> Last<T>(List<T> all) => all[^Math.Min(FleetBooks.Sample, all.Count)..];

    static FleetMember Member(Row row) => new(
        row.Name,
        row.Worker switch { not { IsAlive: true } => FleetStage.Asked, { WorksAt: not null } => FleetStage.There, { HereAt: not null } => FleetStage.Starting, _ => FleetStage.Queued },
        At(row.AskedAt), row.Worker?.HereAt is { } here ? At(here) : null);

    static DateTimeOffset At(double seconds) => Epoch + Seconds(seconds);

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
