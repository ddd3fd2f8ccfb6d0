using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <content>
/// Reruns of tasks that have ended:
/// <code>
/// asked ──► waiting ─1─ claimed by a node ──► running ─2─ saved ─┬──────────────────────────────────────► done
///              ▲                                 │               └─ to be posted ──► posting ─3─ posted ──► done
///              └── its node died or stops ───────┘                                      └─ not certain ──► failed
/// </code>
/// Each time an operator asks, a post is started at most once: the platform appends results, so its list cannot show whether a further evaluation was posted.
/// </content>
sealed partial class TaskStore
{
    /// <summary>How often a node sends a rerun's heartbeat, with <see cref="RenewRerunAsync"/>.</summary>
    public static readonly TimeSpan RerunHeartbeat = TimeSpan.FromSeconds(10);

    /// <summary>Another node takes over a rerun when its heartbeat is this late.</summary>
    static readonly TimeSpan RerunIsLost = TimeSpan.FromMinutes(1);

    /// <summary>A shadow that no route names any more is ended after this time.</summary>
    static readonly TimeSpan ShadowIsForgotten = TimeSpan.FromHours(1);

    public async Task<RerunSummary?> FindRerunAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Reruns.Where(r => r.TaskNumber == number && r.Shadow == TaskRerun.OfOperator)
            .Select(r => new RerunSummary(r.State, r.AskedAt, r.Who, r.IsToPost, r.UpdatedAt, r.Error, r.Cause, r.Json != null)).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>What a task's shadow classifiers did.</summary>
    public async Task<IReadOnlyList<ShadowSummary>> FindShadowsAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Reruns.Where(r => r.TaskNumber == number && r.Shadow != TaskRerun.OfOperator).OrderBy(r => r.Shadow)
            .Select(r => new ShadowSummary(r.Shadow, r.State, r.UpdatedAt, r.Error, r.Cause, r.Json != null, r.Provenance)).ToListAsync(cancellationToken);
    }

    /// <summary>The result of a task's rerun, or null.</summary>
    /// <param name="number">The task.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <param name="shadow">A shadow classifier, or <see cref="TaskRerun.OfOperator"/>.</param>
    public async Task<byte[]?> FindRerunResultAsync(long number, CancellationToken cancellationToken, string shadow = TaskRerun.OfOperator)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Reruns.Where(r => r.TaskNumber == number && r.Shadow == shadow).Select(r => r.Json).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Records that an operator asks for a rerun; replaces an earlier rerun of the task.</summary>
    public async Task AskForRerunAsync(TaskDatabase database, BridgeTask task, string who, bool isToPost)
    {
        var now = time.GetUtcNow();
        if (await database.Reruns.FindAsync(task.Number, TaskRerun.OfOperator) is not { } rerun) database.Reruns.Add(rerun = new TaskRerun { TaskNumber = task.Number, Who = who });
        (rerun.Turn, rerun.State, rerun.AskedAt, rerun.UpdatedAt) = (rerun.Turn + 1, RerunState.Waiting, now, now);
        (rerun.Who, rerun.IsToPost, rerun.Node, rerun.Error, rerun.Cause) = (who, isToPost, null, null, null);
        (rerun.Json, rerun.Provenance, rerun.Ledger) = (null, null, null);
        task.Events.Add(Event(task.State, isToPost ? "to be classified again; the new result will be posted as a further evaluation" : "to be classified again; the new result will be stored here and not posted", who));
    }

    /// <summary>Records that shadow classifiers run on a task once its result is delivered; replaces earlier ones.</summary>
    async Task AskForShadowsAsync(TaskDatabase database, long number, IReadOnlyList<string> shadows)
    {
        if (shadows.Count == 0) return;
        var earlier = await database.Reruns.Where(r => r.TaskNumber == number && r.Shadow != TaskRerun.OfOperator).ToListAsync();
        database.Reruns.RemoveRange(earlier.Where(r => !shadows.Contains(r.Shadow)));
        var now = time.GetUtcNow();
        foreach (var name in shadows)
        {
            if (earlier.Find(r => r.Shadow == name) is not { } shadow) database.Reruns.Add(shadow = new TaskRerun { TaskNumber = number, Shadow = name, Who = "the route" });
            // Later than that of a row that was deleted meanwhile, whose run may still go on.
            (shadow.Turn, shadow.State, shadow.AskedAt, shadow.UpdatedAt) = (Math.Max(shadow.Turn + 1, (int)(now.ToUnixTimeSeconds() & int.MaxValue)), RerunState.Waiting, now, now);
            (shadow.Node, shadow.Error, shadow.Cause, shadow.Json, shadow.Provenance, shadow.Ledger) = (null, null, null, null, null, null);
        }
    }

    /// <summary>Ends the runs of shadow classifiers that no route names any more, and forgets those of tasks that ended without a result on the platform.</summary>
    public Task ForgetShadowsAsync(IReadOnlyCollection<string> named) => commits.CommitAsync(async database =>
    {
        await database.AloneAsync(CancellationToken.None);
        var (lost, old) = (time.GetUtcNow() - RerunIsLost, time.GetUtcNow() - ShadowIsForgotten);
        var waiting = database.Reruns.Where(r => r.Shadow != TaskRerun.OfOperator && (r.State == RerunState.Waiting || r.State == RerunState.Running));
        // Not at once: in a cluster, another node may have the new routes already.
        foreach (var left in await waiting.Where(r => !named.Contains(r.Shadow) && r.AskedAt < old && r.UpdatedAt < lost).ToListAsync(CancellationToken.None))
            await EndRerunAsync(database, left, RerunState.Failed, "No route names this shadow classifier any more.");
        return await waiting.Where(r => database.Tasks.Any(t => t.Number == r.TaskNumber && (t.State == TaskState.Failed || t.State == TaskState.Cancelled))).ExecuteDeleteAsync();
    });

    /// <summary>1. Claims the rerun that has waited longest; of shadows, only those whose task is completed.</summary>
    /// <param name="ofShadows">Runs of shadow classifiers, or reruns for operators.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The task, with its URLs if they can be decrypted, and the rerun; null if none waits.</returns>
    public async Task<(BridgeTask Task, TaskRerun Rerun)?> ClaimRerunAsync(bool ofShadows, CancellationToken cancellationToken)
    {
        await using (var look = await databases.CreateDbContextAsync(cancellationToken))
            if (!await OfKind(look, ofShadows).AnyAsync(r => r.State == RerunState.Waiting || r.State == RerunState.Running || r.State == RerunState.Posting, cancellationToken)) return null;
        var claimed = await commits.CommitAsync(async database =>
        {
            await database.AloneAsync(CancellationToken.None);
            var now = time.GetUtcNow();
            var lost = now - RerunIsLost;
            foreach (var unsure in await OfKind(database, ofShadows).Where(r => r.State == RerunState.Posting && r.UpdatedAt < lost && r.Node != node.Name).ToListAsync(CancellationToken.None))
                await EndRerunAsync(database, unsure, RerunState.Failed, NotCertain);
            // A classifier that ends the process would end it again. A shadow has one attempt; an operator's rerun is taken over once.
            foreach (var left in await OfKind(database, ofShadows).Where(r => r.State == RerunState.Running && r.UpdatedAt < lost && (ofShadows || r.Error != null)).ToListAsync(CancellationToken.None))
                await EndRerunAsync(database, left, RerunState.Failed, $"Node {left.Node} ended while it ran the classifier{(ofShadows ? "" : ", as one before it did")}. It is not run again.");
            var due = OfKind(database, ofShadows).Where(r => r.State == RerunState.Waiting || (!ofShadows && r.State == RerunState.Running && r.UpdatedAt < lost && r.Error == null))
                .Join(database.Tasks, r => r.TaskNumber, t => t.Number, (rerun, task) => new { rerun, task });
            if (node.Serves.Count > 0) due = due.Where(d => node.Serves.Contains(d.task.Group));
            if (await due.OrderBy(d => d.rerun.AskedAt).FirstOrDefaultAsync(CancellationToken.None) is not { } next) return null;
            if (next.rerun.State is RerunState.Running) next.rerun.Error = $"Node {next.rerun.Node} ended while it ran the classifier.";
            (next.rerun.State, next.rerun.Node, next.rerun.UpdatedAt) = (RerunState.Running, node.Name, now);
            next.task.Events.Add(Event(next.task.State, ofShadows ? $"shadow classifier {next.rerun.Shadow} started on node {node.Name}" : $"classified again at {node.Name}"));
            return next;
        });
        return claimed is null ? null : (vault.TryUnlock(claimed.task), claimed.rerun);
    }

    static IQueryable<TaskRerun> OfKind(TaskDatabase database, bool ofShadows) => !ofShadows ? database.Reruns.Where(r => r.Shadow == TaskRerun.OfOperator)
        : database.Reruns.Where(r => r.Shadow != TaskRerun.OfOperator && database.Tasks.Any(t => t.Number == r.TaskNumber && t.State == TaskState.Completed));

    static bool IsOfShadow(TaskRerun rerun) => rerun.Shadow != TaskRerun.OfOperator;

    /// <summary>Sends the heartbeat of a rerun.</summary>
    /// <returns>False if this node no longer owns the rerun: it was deleted, requested again, or taken over.</returns>
    public Task<bool> RenewRerunAsync(TaskRerun run) => ChangeRerunAsync(run, (_, _) => Task.CompletedTask);

    /// <summary>Releases the rerun because the node stops: any node may run it.</summary>
    public Task<bool> ReleaseRerunAsync(TaskRerun run) => ChangeRerunAsync(run, (_, rerun) =>
    {
        rerun.State = RerunState.Waiting;
        return Task.CompletedTask;
    });

    /// <summary>2. Saves the rerun's result. If it is to be posted, the post starts after this.</summary>
    /// <param name="run">The rerun as it was claimed.</param>
    /// <param name="objects">The slides that the result was made from: <see cref="BridgeTask.Objects"/>.</param>
    /// <param name="result">The result.</param>
    public Task<bool> SaveRerunAsync(TaskRerun run, string objects, ClassifiedResult result) => ChangeRerunAsync(run, async (database, rerun) =>
    {
        // A redelivery does not change what a shadow's result belongs to.
        if (await database.FindTaskAsync(rerun.TaskNumber) is not { } task || task.Objects != objects || !(task.State.IsEnded() || (IsOfShadow(rerun) && task.HasResult)))
        {
            await EndRerunAsync(database, rerun, RerunState.Failed, "The task got other slides, or restarted, while it was classified again.");
            return;
        }
        (rerun.Json, rerun.Provenance, rerun.Ledger) = (result.Json, result.Provenance, result.Ledger);
        if (rerun.IsToPost)
        {
            rerun.State = RerunState.Posting;
            task.Events.Add(Event(task.State, $"classified again: result saved ({result.Json.Length} bytes); post of a further evaluation started"));
        }
        else await EndRerunAsync(database, rerun, RerunState.Done, null, $"{(IsOfShadow(rerun) ? $"shadow classifier {rerun.Shadow}" : "classified again")}: result saved beside the posted one ({result.Json.Length} bytes)");
    });

    /// <summary>3. Ends the rerun.</summary>
    /// <param name="run">The rerun as it was claimed.</param>
    /// <param name="to">Done or failed.</param>
    /// <param name="error">Why it failed, or null.</param>
    /// <param name="what">What happened, for the task's event log; null: that the rerun failed.</param>
    /// <param name="cause">The exact cause.</param>
    public Task<bool> EndRerunAsync(TaskRerun run, RerunState to, string? error, string? what = null, string? cause = null) =>
        ChangeRerunAsync(run, (database, rerun) => EndRerunAsync(database, rerun, to, error, what, cause));

    /// <summary>Why a post with an unknown outcome is not repeated.</summary>
    public const string NotCertain = "It is not known whether the platform has the new result: check the case on the platform before you ask for another post.";

    async Task EndRerunAsync(TaskDatabase database, TaskRerun rerun, RerunState to, string? error, string? what = null, string? cause = null)
    {
        (rerun.State, rerun.UpdatedAt, rerun.Error, rerun.Cause) = (to, time.GetUtcNow(), error, cause);
        if (await database.FindTaskAsync(rerun.TaskNumber) is { } task) task.Events.Add(Event(task.State, what ?? (IsOfShadow(rerun) ? $"shadow classifier {rerun.Shadow} failed" : "classifying it again failed"), words: error));
    }

    Task<bool> ChangeRerunAsync(TaskRerun run, Func<TaskDatabase, TaskRerun, Task> change) => commits.CommitAsync(async database =>
    {
        if (await database.Reruns.FindAsync(run.TaskNumber, run.Shadow) is not { } rerun || rerun.Turn != run.Turn || rerun.Node != node.Name || rerun.State is not (RerunState.Running or RerunState.Posting)) return false;
        rerun.UpdatedAt = time.GetUtcNow();
        await change(database, rerun);
        return true;
    });
}
