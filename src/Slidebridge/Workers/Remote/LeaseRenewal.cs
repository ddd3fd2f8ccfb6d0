using Slidebridge.Tasks;

namespace Slidebridge.Workers.Remote;

/// <summary>Renews the worker's leases, all in one call, and ends the runs whose leases are lost.</summary>
sealed class LeaseRenewal(BridgeLink bridge, LeasedTasks leases, TaskProgress progress, WorkLoop loop, TimeProvider time) : BackgroundService
{
    /// <summary>A worker without leases looks this often whether it has one.</summary>
    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    long renewedAt = time.GetTimestamp();
    bool isAway;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(leases.All.Count == 0 ? Shortest : isAway ? leases.RenewEvery / 4 : leases.RenewEvery, time, stoppingToken);
                if (leases.All.Count == 0 && time.GetElapsedTime(renewedAt) < leases.RenewEvery) continue;
                renewedAt = time.GetTimestamp();
                if (!loop.WasAccepted) continue;
                var lost = await bridge.RenewAsync([.. leases.All.Select(Of)], isLeaving: false, stoppingToken);
                isAway = lost is null;
                if (lost is not null) loop.Lose(lost);
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
