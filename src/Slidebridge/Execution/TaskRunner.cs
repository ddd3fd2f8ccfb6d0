using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Execution;

/// <summary>
/// One run of a task, from the state in its row as far as possible:
/// <code>
/// accepted ─1─ wait for a slot ─2─ acquire ──► running ─3─ classify ─4─ save ──► classified ─5─ deliver ──► completed
///                                  fences earlier runs off               │            ▲
///                                                                        └─► held ────┘ an operator releases it
/// a saved result is never computed again
/// </code>
/// A run ends when its task ends, or by rescheduling or releasing the task; then any node may claim the task.
/// </summary>
sealed partial class TaskRunner(
    ITaskStore store, ClassifierSlots slots, RunningTasks runs, Classification classification, ResultSaving saving, FailurePolicy policy, IDelivery delivery, TaskSignal signal,
    TimeProvider time, ILogger<TaskRunner> logger)
{
    /// <summary>Runs a claimed task.</summary>
    /// <param name="number">The task.</param>
    /// <param name="stopping">Cancelled when the bridge stops; the task is then released.</param>
    public async Task RunAsync(long number, CancellationToken stopping)
    {
        try
        {
            var task = await store.FindAsync(number, stopping);
            if (task is null || task.State.IsEnded() || task.ClaimedAt is null) return;

            // Its route has changed since it was received.
            if (!task.State.IsToDeliver() && classification.RouteOf(task) is { } route && classification.WorkersOf(route) is { } group)
            {
                await store.HandOverAsync(number, group, route.Classifier);
                return;
            }

            // 1. Some slides are opened before their classifier is free, so that a GPU does not wait for a connection.
            // A task whose runs ended in crashes runs alone on the node: if the process crashes again, the task is to blame, and no other.
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(stopping, runs.Draining);
            using var slot = task.State.IsToDeliver() ? null
                : policy.MustRunAlone(task) ? await slots.OpenAloneAsync(soon.Token)
                : await slots.OpenAsync(soon.Token);

            // 2. From here on, steps of earlier runs are refused.
            if (await store.AcquireAsync(number, classification.ClassifierOf(task) ?? "(none)", slot is { IsAlone: true }, policy.WaitAfterCrash(task)) is not { } acquired) return;
            using var running = runs.Begin(acquired, stopping);
            await RunAsync(running, slot);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested || runs.Draining.IsCancellationRequested)
        {
            await store.UnclaimAsync(number);
        }
        catch (StorageException e)
        {
            // No run has begun; the dispatcher's next check finds the task.
            LogFault(logger, number, e.Message);
        }
        finally
        {
            signal.Wake();
        }
    }

    async Task RunAsync(RunningTasks.Running running, ClassifierSlots.Place? slot)
    {
        var lease = running.Lease;
        using var span = TaskTelemetry.Run(lease);
        try
        {
            if (lease.Task.State is TaskState.Held) await EndHoldAsync(lease);
            else if (lease.Task.State.IsToDeliver()) await delivery.ResumeAsync(lease);
            else if (await ClassifyAsync(lease, slot) is { } results) await delivery.DeliverAsync(lease, results);
        }
        catch (TaskMovedOnException e)
        {
            LogMovedOn(logger, e.Message);
        }
        catch (OperationCanceledException) when (running.IsCalledOff)
        {
            LogMovedOn(logger, $"Task {lease.Number} was cancelled or taken over.");
        }
        catch (OperationCanceledException) when (lease.Draining.IsCancellationRequested)
        {
            await ReleaseAsync(lease, $"released: node {lease.Task.Node} stops", TimeSpan.Zero);
        }
        catch (Exception e)
        {
            LogFault(logger, lease.Number, e is StorageException ? e.Message : e.ToString());
            await ReleaseAsync(lease, "released: the bridge itself failed", FailurePolicy.AfterFault);
        }
    }

    /// <summary>Nobody released the result: it was rejected, or its time is over. Or the clock was set back.</summary>
    async Task EndHoldAsync(TaskLease lease)
    {
        var left = lease.Task.HeldUntil - time.GetUtcNow() ?? TimeSpan.Zero;
        if (lease.Task.Rejection is { } rejection) await delivery.FailAsync(lease, "The result was rejected after a review.", new TaskChanges { Error = rejection });
        else if (left <= TimeSpan.Zero) await delivery.FailAsync(lease, "The result was not reviewed in time.", new TaskChanges { Error = $"Nobody released the result until {lease.Task.HeldUntil:yyyy-MM-dd HH:mm:ss} UTC (--hold-limit)." });
        else await store.RescheduleAsync(lease, TaskState.Held, left, new TaskChanges());
    }

    /// <summary>The saved result; null if it is held, or the task was rescheduled or has failed.</summary>
    async Task<byte[]?> ClassifyAsync(TaskLease lease, ClassifierSlots.Place? slot)
    {
        var cost = new RunCost();
        try
        {
            // 3.
            policy.Check(lease.Task);
            if (lease.Task.Locked is { } locked) throw locked;
            var result = await classification.RunAsync(lease, slot, cost);

            // 4. From here on the result is stored.
            using var stage = TaskTelemetry.Stage(TaskStage.Save);
            var isToDeliver = await saving.SaveAsync(lease, result, cost);
            LogClassified(logger, lease.Number, classification.ClassifierOf(lease.Task), Counted.Text(lease.Task.Scans.Count, "scan"));
            return isToDeliver ? result.Json : null;
        }
        catch (Exception e) when (e is TaskMovedOnException or StorageException || (e is OperationCanceledException && lease.Draining.IsCancellationRequested))
        {
            if (cost.IsAny) await store.ChargeAsync(lease, cost);
            throw;
        }
        catch (Exception e)
        {
            await RescheduleOrFailAsync(lease, TaskFailure.Of(e), cost);
            return null;
        }
    }

    async Task RescheduleOrFailAsync(TaskLease lease, TaskFailure failure, RunCost cost)
    {
        var decision = policy.Decide(failure, lease.Task.Delays);
        var changes = new TaskChanges { Error = failure.Message, Cause = failure.Cause, Delays = decision.Delays, Cost = cost };
        if (decision.Wait is { } wait)
        {
            await store.RescheduleAsync(lease, TaskState.Accepted, wait, changes);
            LogRescheduled(logger, lease.Number, failure.LogMessage);
            TaskTelemetry.Retried("classify", failure.Kind);
            return;
        }
        LogFailed(logger, lease.Number, failure.LogMessage);
        TaskTelemetry.Failed(failure.Kind);
        await delivery.FailAsync(lease, failure.PlainMessage, changes);
    }

    async Task ReleaseAsync(TaskLease lease, string why, TimeSpan wait)
    {
        try
        {
            await store.ReleaseAsync(lease, why, wait);
        }
        catch (Exception e) when (e is TaskMovedOnException or StorageException)
        {
            LogFault(logger, lease.Number, e.Message);
        }
    }

    [LoggerMessage(120, LogLevel.Warning, "{What} The result of this run is dropped")]
    static partial void LogMovedOn(ILogger logger, string what);

    [LoggerMessage(121, LogLevel.Error, "Task {Task}: the bridge itself failed; the task is retried shortly: {Why}")]
    static partial void LogFault(ILogger logger, long task, string why);

    [LoggerMessage(130, LogLevel.Information, "Task {Task}: classified by {Classifier}, {Scans}")]
    static partial void LogClassified(ILogger logger, long task, string? classifier, string scans);

    [LoggerMessage(131, LogLevel.Warning, "Task {Task}: rescheduled: {Why}")]
    static partial void LogRescheduled(ILogger logger, long task, string why);

    [LoggerMessage(132, LogLevel.Error, "Task {Task}: failed: {Why}")]
    static partial void LogFailed(ILogger logger, long task, string why);
}
