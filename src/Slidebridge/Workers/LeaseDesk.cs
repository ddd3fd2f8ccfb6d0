using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Workers;

/// <summary>
/// Leases tasks to the workers that wait at this node, and takes back the leases that are not renewed:
/// <code>
/// a worker asks ─► waits here ─1─ a task arrives (a signal, or the next poll) ─2─ one commit leases a task to each that waits ─► its answer
/// </code>
/// All that wait share one loop and one commit, so that two hundred idle workers cost the database as much as one.
/// </summary>
sealed partial class LeaseDesk(TaskStore store, CommitQueue commits, IDbContextFactory<TaskDatabase> databases, WorkerAdmission admission, LeaseOptions lease, FailurePolicy policy, TaskSignal signal, NodeOptions node, IHostApplicationLifetime host, TimeProvider time, ILogger<LeaseDesk> logger) : BackgroundService
{
    /// <summary>Maximum calls that wait at this node.</summary>
    const int MostWaiting = 2000;

    /// <summary>Maximum leases that are taken back in one commit.</summary>
    const int MostTakenBack = 100;

    sealed record Waiting(string Worker, string Instance, IReadOnlyList<string> Groups, IReadOnlyList<string> Classifiers)
    {
        public TaskCompletionSource<BridgeTask?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>It waits no longer.</summary>
        public bool IsOver { get; set; }

        public string Wish { get; } = $"{string.Join(',', Groups.Order(StringComparer.Ordinal))}|{string.Join(',', Classifiers.Order(StringComparer.Ordinal))}";
    }

    readonly List<Waiting> waiting = [];
    readonly Lock gate = new();
    readonly TaskSignal.Listener wakes = signal.Listen();

    /// <summary>Leases a task to a worker as soon as there is one. A worker waits once: its next call ends an earlier one.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="fitting">The classifiers whose tasks it takes.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">The worker hung up.</param>
    /// <returns>The leased task's row; null if there is none.</returns>
    /// <exception cref="CrowdedDeskException">Too many workers wait at this node.</exception>
    public async Task<BridgeTask?> AskAsync(WorkerDescription worker, IReadOnlyList<ClassifierDefinition> fitting, TimeSpan limit, CancellationToken cancellationToken)
    {
        var own = new Waiting(worker.Name, worker.Instance, [.. fitting.Select(d => d.Worker!.Group).Distinct()], [.. fitting.Select(d => d.Name)]);
        // The web server waits for open calls before the other services are stopped.
        if (host.ApplicationStopping.IsCancellationRequested) return null;
        lock (gate)
        {
            foreach (var earlier in waiting.FindAll(w => w.Worker == worker.Name && w.Instance == worker.Instance))
            {
                waiting.Remove(earlier);
                earlier.Answer.TrySetResult(null);
            }
            if (waiting.Count >= MostWaiting) throw new CrowdedDeskException();
            waiting.Add(own);
        }
        wakes.Wake();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
        over.CancelAfter(limit);
        await ((Task)own.Answer.Task.WaitAsync(over.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            own.IsOver = true;
            // Still in the list: nobody is about to answer.
            if (waiting.Remove(own)) return null;
        }
        return await own.Answer.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        long? checkedAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await wakes.WaitAsync(node.Poll, stoppingToken);
                // After a start, workers have a lease's time to come back before anything is taken from them: the bridge may have been away for long.
                if (time.GetElapsedTime(began) > lease.Time && (checkedAt is not { } last || time.GetElapsedTime(last) > lease.Time / 9))
                {
                    checkedAt = time.GetTimestamp();
                    await TakeBackAsync(stoppingToken);
                }
                await LeaseAsync();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The rows remain; a later poll finds them.
                LogNotLeased(logger, e.GetBaseException().Message);
                began = time.GetTimestamp(); // The workers could not renew their leases either.
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        foreach (var left in Take(_ => true)) left.Answer.TrySetResult(null);
    }

    async Task LeaseAsync()
    {
        List<string> wishes;
        lock (gate) wishes = [.. waiting.Select(w => w.Wish).Distinct()];
        foreach (var wish in wishes)
        {
            var asking = Take(w => w.Wish == wish);
            if (asking.Count == 0) continue;
            IReadOnlyList<BridgeTask> tasks = [];
            try
            {
                tasks = await commits.CommitAsync(async database =>
                {
                    await database.AloneAsync(CancellationToken.None);
                    var until = await database.NowAsync(time, CancellationToken.None) + lease.Time;
                    var chosen = await admission.ChooseAsync(database, asking[0].Groups, asking[0].Classifiers, asking.Count);
                    foreach (var (task, to) in chosen.Zip(asking)) store.Lease(task, to.Worker, until);
                    return chosen;
                });
            }
            finally
            {
                lock (gate)
                {
                    foreach (var (to, i) in asking.Select((w, i) => (w, i)))
                    {
                        if (i < tasks.Count || to.IsOver) to.Answer.TrySetResult(tasks.ElementAtOrDefault(i));
                        else waiting.Add(to);
                    }
                }
            }
        }
    }

    List<Waiting> Take(Predicate<Waiting> which)
    {
        lock (gate)
        {
            var taken = waiting.FindAll(which);
            waiting.RemoveAll(which);
            return taken;
        }
    }

    async Task TakeBackAsync(CancellationToken cancellationToken)
    {
        List<long> late;
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            // Parts of results whose runs have ended in another way.
            await database.Parts.Where(p => !database.Tasks.Any(t => t.Number == p.TaskNumber && t.FencingToken == p.FencingToken && t.LeasedUntil != null)).ExecuteDeleteAsync(cancellationToken);
            var now = await database.NowAsync(time, cancellationToken);
            late = await database.Tasks.Where(t => t.LeasedUntil < now).OrderBy(t => t.LeasedUntil).Select(t => t.Number).Take(MostTakenBack).ToListAsync(cancellationToken);
        }
        if (late.Count == 0) return;
        var taken = await commits.CommitAsync(async database =>
        {
            var now = await database.NowAsync(time, CancellationToken.None);
            var lost = new List<BridgeTask>();
            foreach (var number in late)
                if (await database.FindTaskAsync(number) is { LeasedUntil: { } until, State: TaskState.Running } task && until < now) lost.Add(task);
            var suspects = lost.Where(task => WorkerRegistry.IsSuspect(task, lost)).ToHashSet();
            foreach (var task in lost) store.TakeBack(task, $"{task.Node} did not renew its lease", policy.WaitAfterCrash(task), isCrash: suspects.Contains(task));
            return lost.Count;
        });
        if (taken > 0) LogTakenBack(logger, taken);
        signal.Wake();
    }

    [LoggerMessage(600, LogLevel.Error, "No tasks could be leased to workers; the bridge tries again within a second: {Why}")]
    static partial void LogNotLeased(ILogger logger, string why);

    [LoggerMessage(601, LogLevel.Warning, "{Count} tasks were taken back from workers that did not renew their leases")]
    static partial void LogTakenBack(ILogger logger, int count);
}

/// <summary>Too many workers wait at this node.</summary>
sealed class CrowdedDeskException() : Exception("Too many workers wait at this node. Ask again in a few seconds.");
