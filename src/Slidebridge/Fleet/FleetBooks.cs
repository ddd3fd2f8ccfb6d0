using Microsoft.EntityFrameworkCore;
using Slidebridge.Events;
using Slidebridge.Fleet.Engines;
using Slidebridge.Scheduling;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Workers;

namespace Slidebridge.Fleet;

/// <summary>What the controller remembers between its passes, in the task database. Each step of a pass is one commit, which does nothing if another pass has begun since.</summary>
sealed class FleetBooks(CommitQueue commits, TaskStore store, EventOutbox events, FleetOptions options, LeaseOptions lease, NodeOptions node, TimeProvider time)
{
    /// <summary>Tasks that may run again this soon count as waiting.</summary>
    static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    /// <summary>If nobody comes, the need is reported again.</summary>
    static readonly TimeSpan NeedIsRepeated = TimeSpan.FromMinutes(10);

    /// <summary>How long a group's tasks and starts take is estimated from this many of the last.</summary>
    public const int Sample = 20;

    public static readonly TimeSpan SampleIsGoodFor = TimeSpan.FromDays(7);

    /// <summary>The waits after starts that fail.</summary>
    public static readonly Backoff Waits = new(TimeSpan.FromSeconds(15), FleetDecision.LongestPause);

    /// <summary>Ended workers are remembered for the usage of last year.</summary>
    static readonly TimeSpan WorkersAreKept = TimeSpan.FromDays(400);

    /// <summary>Begins a pass.</summary>
    /// <returns>Its number; null: another pass has only just ended.</returns>
    public Task<long?> BeginAsync(string group) => commits.CommitAsync<long?>(async database =>
    {
        var now = time.GetUtcNow();
        var state = await StateAsync(database, group);
        // A pass of the future: the wall clock was set back.
        if (state.LookedAt is { } last && last <= now && now - last < options.Every / 2) return null;
        return ++state.Pass;
    });

    /// <summary>Compares the rows with what the engine lists, and takes back the tasks of workers that it has taken away.</summary>
    /// <returns>What the decision is made of; null: another pass has begun.</returns>
    public async Task<FleetReading?> ReconcileAsync(FleetGroup group, long pass, IReadOnlyList<EngineWorker> listed)
    {
        List<EngineWorker> own = [.. listed.Where(worker => FleetNames.IsOf(group.Group, worker.Name))];
        return await commits.CommitAsync(async database =>
        {
            if (await StateAsync(database, group.Group, pass) is not { } state) return null;
            var (now, names) = (time.GetUtcNow(), own.Select(worker => worker.Name).ToHashSet());
            var rows = await database.FleetWorkers.Where(w => w.Group == group.Group && (w.EndedAt == null || names.Contains(w.Name))).ToDictionaryAsync(w => w.Name);
            string[] all = [.. rows.Keys.Union(names)];
            var known = await database.Workers.AsNoTracking().Where(w => all.Contains(w.Name)).ToDictionaryAsync(w => w.Name);
            var (repeated, ended, hasStarted) = (new List<EngineWorker>(), new List<(FleetWorker Row, WorkerEnd? End)>(), false);
            var stages = new Dictionary<string, FleetStage>();
            foreach (var entries in own.GroupBy(worker => worker.Name))
            {
                // A request that was sent twice: the one that came furthest counts.
                var ordered = entries.OrderBy(e => e.Phase is WorkerPhase.Ended).ThenByDescending(e => e.Phase).ThenBy(e => e.Id, StringComparer.Ordinal).ToList();
                var main = ordered[0];
                repeated.AddRange(ordered.Skip(1).Where(e => e.Phase is WorkerPhase.Queued or WorkerPhase.Starting));
                var isOver = main.Phase is WorkerPhase.Ended;
                if (!rows.TryGetValue(main.Name, out var row))
                {
                    if (isOver) continue;
                    // The database is older than the request: it was restored.
                    rows[main.Name] = row = database.FleetWorkers.Add(new FleetWorker { Name = main.Name, Group = group.Group, Engine = group.Engine.Kind, AskedAt = now, Price = group.Price, IsAdopted = true }).Entity;
                }
                if (isOver && row.EndedAt is not null) continue;
                row.AcceptedAt ??= now;
                row.StartedAt ??= main.StartedAt ?? (main.Phase is WorkerPhase.Starting or WorkerPhase.Running ? now : null);
                (row.Why, row.EndedAt) = (main.Why, isOver ? main.EndedAt ?? now : null);
                if (isOver) ended.Add((row, main.End));
                stages[row.Name] = main.Phase is WorkerPhase.Queued ? FleetStage.Queued : FleetStage.Starting;
            }
            foreach (var row in rows.Values)
            {
                if (known.TryGetValue(row.Name, out var worker) && row.WorkedAt is null)
                {
                    row.WorkedAt = worker.Since;
                    row.StartedAt ??= worker.Since;
                    hasStarted = true;
                }
                if (row.EndedAt is not null || stages.ContainsKey(row.Name) || now - (row.AcceptedAt ?? row.AskedAt) is var age && age < options.Settling && age > -options.Settling) continue;
                // An engine forgets what ended long ago, and what it never received.
                row.EndedAt = worker?.LeftAt ?? worker?.SeenAt ?? now;
                row.Why ??= row.AcceptedAt is null ? "the engine never received the request" : "the engine does not know it any more";
                ended.Add((row, row.AcceptedAt is null || row.WorkedAt is not null ? WorkerEnd.Finished : null));
            }
            foreach (var (row, _) in ended.Where(e => e.End is WorkerEnd.Taken)) await store.ForgiveAsync(database, row.Name, $"worker {row.Name} was taken away: {row.Why ?? row.Engine}");
            List<FleetWorker> failed = [.. ended.Where(e => e.Row.WorkedAt is null && e.Row.AcceptedAt is not null).Select(e => e.Row)];
            if (hasStarted) (state.Failures, state.NotBefore, state.Trouble) = (0, null, null);
            if (failed.Count > 0) Fail(state, $"Worker {failed[^1].Name} ended before it asked the bridge for work: {failed[^1].Why ?? "its engine does not say why"}.");
            await database.FleetWorkers.Where(w => w.EndedAt < now - WorkersAreKept).ExecuteDeleteAsync();
            // A worker that has said goodbye takes no more tasks, though its job may not have ended.
            var members = rows.Values.Where(row => row.EndedAt is null && known.GetValueOrDefault(row.Name)?.LeftAt is null).OrderBy(row => row.AskedAt)
                .Select(row => new FleetMember(row.Name, row.WorkedAt is not null ? FleetStage.There : stages.GetValueOrDefault(row.Name, FleetStage.Asked), row.AskedAt, row.StartedAt, row.IsAdopted)).ToList();
            var view = await ViewAsync(database, group.Group, members) with { NotBefore = state.NotBefore };
            Need(database, state, view);
            return new FleetReading(view, repeated, [.. ended.Select(e => e.Row)], failed.Count > 0 ? state.Trouble : null);
        });
    }

    /// <summary>Writes down the workers that are about to be asked for.</summary>
    /// <returns>False: another pass has begun, and nothing may be asked for.</returns>
    public Task<bool> AskAsync(FleetGroup group, long pass, IReadOnlyList<string> names) => commits.CommitAsync(async database =>
    {
        if (await StateAsync(database, group.Group, pass) is not { } state) return false;
        database.Entry(state).Property(s => s.Pass).IsModified = true; // So that a pass that begins at this moment on another node makes the commit fail.
        foreach (var name in names) database.FleetWorkers.Add(new FleetWorker { Name = name, Group = group.Group, Engine = group.Engine.Kind, AskedAt = time.GetUtcNow(), Price = group.Price });
        return true;
    });

    /// <summary>The engine has accepted these requests.</summary>
    public Task AcceptedAsync(IReadOnlyList<string> names) => commits.CommitAsync(async database =>
    {
        foreach (var row in await database.FleetWorkers.Where(w => names.Contains(w.Name)).ToListAsync()) row.AcceptedAt ??= time.GetUtcNow();
        return true;
    });

    /// <summary>These requests were withdrawn: their end is not a failure. Those that the engine still lists are open again with the next pass.</summary>
    public Task WithdrawnAsync(IReadOnlyList<string> names) => names.Count == 0 ? Task.CompletedTask : commits.CommitAsync(async database =>
    {
        foreach (var row in await database.FleetWorkers.Where(w => names.Contains(w.Name) && w.EndedAt == null).ToListAsync()) (row.EndedAt, row.Why) = (time.GetUtcNow(), "withdrawn");
        return true;
    });

    /// <summary>Closes the rows of groups that have no fleet any more: nobody would notice that their workers have ended.</summary>
    public Task CloseOthersAsync() => commits.CommitAsync(async database =>
    {
        string[] groups = [.. options.Groups.Select(group => group.Group)];
        foreach (var row in await database.FleetWorkers.Where(w => w.EndedAt == null && !groups.Contains(w.Group)).ToListAsync())
        {
            var worker = await database.Workers.FindAsync(row.Name);
            if (worker?.IsThere(time.GetUtcNow(), lease.Time) == true) continue;
            (row.EndedAt, row.Why) = (worker?.SeenAt ?? row.StartedAt ?? row.AskedAt, "its group has no fleet any more");
        }
        return true;
    });

    /// <summary>Ends a pass.</summary>
    /// <param name="group">The group.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="trouble">What is wrong now; null: nothing new.</param>
    /// <param name="isFailedStart">No worker is requested during the next wait.</param>
    public Task EndAsync(string group, long pass, string? trouble, bool isFailedStart = false) => commits.CommitAsync(async database =>
    {
        if (await StateAsync(database, group, pass) is not { } state) return false;
        state.LookedAt = time.GetUtcNow();
        if (isFailedStart) Fail(state, trouble!);
        else if (trouble is not null || !(state.NotBefore > time.GetUtcNow())) state.Trouble = trouble;
        return true;
    });

    /// <summary>Reports the need of a group that has no engine.</summary>
    public Task WatchAsync(string group) => commits.CommitAsync(async database =>
    {
        var state = await StateAsync(database, group);
        state.LookedAt = time.GetUtcNow();
        Need(database, state, await ViewAsync(database, group, []));
        return true;
    });

    async Task<FleetView> ViewAsync(TaskDatabase database, string group, IReadOnlyList<FleetMember> members)
    {
        var now = time.GetUtcNow();
        var soon = now + Soon;
        var tasks = await database.Tasks.Where(t => t.State == TaskState.Accepted && t.ClaimedAt == null && t.VerifiedAt != null && t.Group == group && (t.NotBefore == null || t.NotBefore < soon))
            .OrderBy(t => t.Turn).Select(t => new { Company = t.CompanyId ?? "", ExpiresAt = t.StagedOn == null ? t.ExpiresAt : null }).ToListAsync();
        // No machine for tasks that --company-limit keeps waiting.
        var inHand = node.CompanyLimit is null ? [] : await TaskAdmission.UnderWay(database).GroupBy(t => t.CompanyId ?? "").Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count);
        IReadOnlyList<DateTimeOffset?> waiting = [.. tasks.GroupBy(t => t.Company).SelectMany(g => node.CompanyLimit is { } most ? g.Take(Math.Max(0, most - inHand.GetValueOrDefault(g.Key))) : g).Select(t => t.ExpiresAt)];
        var running = await database.Tasks.CountAsync(t => t.State == TaskState.Running && t.Group == group);
        var (alive, since) = (now - lease.Time, now - SampleIsGoodFor);
        var others = (await database.Workers.AsNoTracking().Where(w => w.LeftAt == null && w.SeenAt > alive).Select(w => new { w.Name, w.Groups }).ToListAsync()).Count(w => w.Groups.Contains(group) && !FleetNames.IsOf(group, w.Name));
        var seconds = await database.Tasks.Where(t => t.EndedAt > since && t.Group == group && t.State == TaskState.Completed).OrderByDescending(t => t.EndedAt).Take(Sample).Select(t => t.ClassifierSeconds).ToListAsync();
        var starts = (await database.FleetWorkers.AsNoTracking().Where(w => w.Group == group && w.WorkedAt > since).OrderByDescending(w => w.WorkedAt).Take(Sample).Select(w => new { w.AskedAt, w.WorkedAt }).ToListAsync())
            .Select(w => (w.WorkedAt!.Value - w.AskedAt).TotalSeconds).ToList();
        return new FleetView(now, waiting, running, members, others)
        {
            TaskTime = seconds.Count == 0 ? null : TimeSpan.FromSeconds(seconds.Average()),
            StartTime = TimeSpan.FromSeconds(starts.Count == 0 ? 0 : Math.Max(0, starts.Average())),
        };
    }

    void Need(TaskDatabase database, FleetState state, FleetView view)
    {
        var isNeeded = view.Waiting.Count > 0 && view.Running == 0 && view.Others == 0 && !view.Members.Any(m => m.Stage is FleetStage.There);
        if (!isNeeded) state.NeededAt = null;
        else if (state.NeededAt is not { } told || view.Now - told >= NeedIsRepeated)
        {
            state.NeededAt = view.Now;
            events.AddFleetNeeded(database, state.Group, view.Waiting.Count);
        }
    }

    void Fail(FleetState state, string trouble)
    {
        state.Failures++;
        (state.NotBefore, state.Trouble) = (time.GetUtcNow() + Waits.Wait(state.Failures), trouble);
    }

    static async Task<FleetState> StateAsync(TaskDatabase database, string group) => await database.Fleets.FindAsync(group) ?? database.Fleets.Add(new FleetState { Group = group }).Entity;

    /// <summary>Null: another pass has begun.</summary>
    static async Task<FleetState?> StateAsync(TaskDatabase database, string group, long pass) => await database.Fleets.FindAsync(group) is { } state && state.Pass == pass ? state : null;
}

/// <summary>A group, after its rows were compared with what its engine lists.</summary>
/// <param name="View">What the decision is made of.</param>
/// <param name="Repeated">Entries of one name but the first.</param>
/// <param name="Ended">Workers that have ended since the last pass.</param>
/// <param name="Failure">A start that has failed since the last pass, in a sentence; null: none.</param>
sealed record FleetReading(FleetView View, IReadOnlyList<EngineWorker> Repeated, IReadOnlyList<FleetWorker> Ended, string? Failure);
