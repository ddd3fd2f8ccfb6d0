namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>
/// The engine and the bridge of one simulation: workers are asked for, start, lease the oldest waiting tasks, and end. Who asks for them is the policy's part.
/// <code>
/// ask ─► queued ─► machine there (paid) ─► works: lease ─► run ─► result ─► … ─► end, or the machine is lost: its tasks wait again
/// </code>
/// </summary>
sealed class Site
{
    readonly SimulationSettings settings;
    readonly Random starts, losses;
    readonly SortedSet<PlayedTask> waiting = new(Comparer<PlayedTask>.Create((a, b) => (a.ArrivedAt, a.Number).CompareTo((b.ArrivedAt, b.Number))));

    /// <summary>The workers with a place for a task, in the order in which they asked.</summary>
    readonly List<PlayedWorker> asking = [];

    public Site(ArrivalTrace trace, SimulationSettings settings)
    {
        (Trace, this.settings) = (trace, settings);
        (starts, losses) = (new Random(settings.Seed + 1), new Random(settings.Seed + 2));
        var times = new Random(settings.Seed + 3);
        foreach (var (at, number) in trace.Arrivals.Select((at, i) => (at, i)))
        {
            var task = new PlayedTask(number, at, at + settings.Expiry, TaskTime(times));
            Tasks.Add(task);
            Clock.After(at, () => Add(task));
        }
        if (settings.SampleEvery > 0) Clock.Every(settings.SampleEvery, () => Samples.Add(new(Clock.Now, Present, waiting.Count)));
    }

    public ArrivalTrace Trace { get; }

    public Clock Clock { get; } = new();

    public List<PlayedTask> Tasks { get; } = [];

    public List<PlayedWorker> Workers { get; } = [];

    public List<SiteSample> Samples { get; } = [];

    /// <summary>Tasks whose result is there, the last one last.</summary>
    public List<PlayedTask> Ended { get; } = [];

    public IReadOnlyCollection<PlayedTask> Waiting => waiting;

    /// <summary>Tasks that workers have leased.</summary>
    public int Running { get; private set; }

    /// <summary>Runs that ended without a result, and the seconds that they had taken.</summary>
    public (int Runs, double Seconds) Lost { get; private set; }

    /// <summary>Whether a worker may end for being idle.</summary>
    public Func<PlayedWorker, bool> IsKept { get; set; } = _ => false;

    /// <summary>After each arrival, and after each end of a worker or a task.</summary>
    public Action Changed { get; set; } = () => { };

    public int Present => Workers.Count(w => w is { HereAt: not null, EndedAt: null });

    public IEnumerable<PlayedWorker> Alive => Workers.Where(w => w.IsAlive);

    /// <summary>Asks the engine for a worker.</summary>
    /// <returns>The worker; null: the engine refuses.</returns>
    public PlayedWorker? Ask(WorkerManner manner)
    {
        if (Clock.Now >= Trace.OutageFrom && Clock.Now < Trace.OutageUntil) return null;
        var worker = Add(manner);
        var start = settings.StartUpFrom + starts.NextDouble() * (settings.StartUpUntil - settings.StartUpFrom);
        Clock.After(start * settings.Queued, () =>
        {
            if (worker.IsAlive) Arrive(worker);
        });
        Clock.After(start, () =>
        {
            if (worker.IsAlive) Begin(worker);
        });
        return worker;
    }

    /// <summary>A worker that is there from the beginning.</summary>
    public PlayedWorker Have(WorkerManner manner)
    {
        var worker = Add(manner);
        Arrive(worker);
        Begin(worker);
        return worker;
    }

    /// <summary>Ends a worker; its tasks wait again.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="fate">Why.</param>
    /// <param name="wait">Seconds until the bridge takes its tasks back.</param>
    public void End(PlayedWorker worker, WorkerFate fate, double wait = 0)
    {
        if (!worker.IsAlive) return;
        (worker.EndedAt, worker.Fate) = (Clock.Now, fate);
        asking.Remove(worker);
        if (worker.Leases is [var run, ..]) Lost = (Lost.Runs + 1, Lost.Seconds + Clock.Now - run.StartedAt);
        foreach (var task in worker.Leases)
        {
            Clock.After(wait, () =>
            {
                Running--;
                Add(task);
            });
        }
        worker.Leases.Clear();
        Changed();
    }

    /// <summary>A worker finishes the task that it runs, releases the others, and ends.</summary>
    public void Drain(PlayedWorker worker)
    {
        if (worker.Leases.Count == 0) End(worker, WorkerFate.Stopped);
        worker.IsDraining = true;
        asking.Remove(worker);
        foreach (var task in worker.Leases.Skip(1).ToList())
        {
            worker.Leases.Remove(task);
            Running--;
            Add(task);
        }
    }

    PlayedWorker Add(WorkerManner manner)
    {
        var worker = new PlayedWorker($"gpu-{Workers.Count:0000000000}", manner, Clock.Now);
        Workers.Add(worker);
        return worker;
    }

    void Arrive(PlayedWorker worker)
    {
        worker.HereAt = Clock.Now;
        if (Trace.Loss <= 0) return;
        var hours = Math.Log(1 - losses.NextDouble()) / Math.Log(1 - Trace.Loss);
        Clock.After(hours * 3600, () => End(worker, WorkerFate.Lost, Trace.Notice ? 0 : settings.LeaseTime));
    }

    void Begin(PlayedWorker worker)
    {
        worker.WorksAt = Clock.Now;
        BeIdle(worker);
        asking.Add(worker);
        Serve();
    }

    void Add(PlayedTask task)
    {
        waiting.Add(task);
        Serve();
        Changed();
    }

    /// <summary>Leases the waiting tasks to the workers that ask.</summary>
    void Serve()
    {
        while (waiting.Min is { } task && asking is [var worker, ..])
        {
            asking.RemoveAt(0);
            waiting.Remove(task);
            Running++;
            worker.Taken++;
            worker.Leases.Add(task);
            if (worker.Leases.Count == 1) Run(worker);
            if (worker.HasPlace) asking.Add(worker);
        }
    }

    void Run(PlayedWorker worker)
    {
        var task = worker.Leases[0];
        task.StartedAt = Clock.Now;
        Clock.After(task.Seconds, () =>
        {
            if (worker.IsAlive) Complete(worker, task);
        });
    }

    void Complete(PlayedWorker worker, PlayedTask task)
    {
        if (task.EndedAt is not null || worker.Leases[0] != task) throw new InvalidOperationException($"Task {task.Number} ended twice, or on a worker that did not run it.");
        task.EndedAt = Clock.Now;
        Ended.Add(task);
        Running--;
        worker.Leases.RemoveAt(0);
        if (worker.Leases.Count > 0) Run(worker);
        else if (worker.IsDraining) End(worker, WorkerFate.Stopped);
        else if (worker.Taken >= worker.Manner.Tasks) End(worker, WorkerFate.Finished);
        else BeIdle(worker);
        if (worker.HasPlace && !asking.Contains(worker)) asking.Add(worker);
        Serve();
        Changed();
    }

    void BeIdle(PlayedWorker worker)
    {
        var since = worker.IdleSince = Clock.Now;
        if (worker.Manner.UntilIdle is not { } limit) return;
        Clock.After(limit, () =>
        {
            if (!worker.IsAlive || worker.Leases.Count > 0 || worker.IdleSince != since) return;
            if (IsKept(worker)) BeIdle(worker);
            else End(worker, WorkerFate.Finished);
        });
    }

    double TaskTime(Random random)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return settings.TaskTime * Math.Exp(settings.TaskTimeSigma * normal - settings.TaskTimeSigma * settings.TaskTimeSigma / 2);
    }
}

/// <param name="At">Seconds since the trace's beginning.</param>
/// <param name="Workers">Machines that are paid for.</param>
/// <param name="Waiting">Tasks that no worker has leased.</param>
readonly record struct SiteSample(double At, int Workers, int Waiting);
