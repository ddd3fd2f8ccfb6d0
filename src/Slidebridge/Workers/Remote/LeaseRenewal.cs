using Slidebridge.Tasks;

namespace Slidebridge.Workers.Remote;

/// <summary>Renews the worker's leases, all in one call, and ends the runs whose leases are lost.</summary>
sealed class LeaseRenewal(BridgeLink bridge, LeasedTasks leases, RunningTasks runs, TaskProgress progress, WorkLoop loop, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WorkProtocol.Heartbeat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!loop.WasAccepted) continue;
                if (await bridge.RenewAsync([.. leases.All.Select(Of)], isLeaving: false, stoppingToken) is not { } lost) continue;
                foreach (var run in runs.Leases)
                    if (lost.Contains(new LeaseId(run.Number, run.FencingToken).ToString())) runs.Stop(run);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The worker stops.
        }
        catch (WorkerRefusedException e)
        {
            loop.Fail(e);
        }
    }

    HeldLease Of(BridgeTask task) => new(new LeaseId(task.Number, task.FencingToken).ToString(), task.Scans.ToDictionary(scan => scan.ScanId, scan => progress.Of(task, scan.ScanId)));
}
