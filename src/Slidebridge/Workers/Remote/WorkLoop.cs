using System.Collections.Concurrent;
using Slidebridge.Execution;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Workers.Remote;

/// <summary>
/// A worker's life:
/// <code>
/// ─1─ ask for a task, as long as there are places ─2─ run it ─3─ when there is no work for long, all tasks are done, or the machine ends: release what runs, say goodbye
/// </code>
/// </summary>
sealed partial class WorkLoop(BridgeLink bridge, LeasedTasks leases, ResultUpload upload, TaskRunner runner, RunningTasks runs, WorkerOptions options, IHostApplicationLifetime host, TimeProvider time, ILogger<WorkLoop> logger) : BackgroundService
{
    readonly ConcurrentDictionary<long, (string Lease, CancellationTokenSource Lost, Task Run)> running = [];
    long workedAt = time.GetTimestamp();
    readonly CancellationTokenSource ending = new();

    /// <summary>Long enough for the bridge to look whether a task waits.</summary>
    static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <summary>Why the worker ended by itself; null: somebody stopped it, or its work is done.</summary>
    public SlidebridgeException? Failure { get; private set; }

    /// <summary>The bridge has given it a task, or has said that there is none.</summary>
    public bool WasAccepted { get; private set; }

    /// <summary>Ends the worker because its bridge does not accept it.</summary>
    public void Fail(SlidebridgeException failure)
    {
        Failure ??= failure;
        host.StopApplication();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var places = new SemaphoreSlim(options.Classifiers.Concurrency + options.Ahead); // Not disposed: runs that end later release their places.
        var taken = 0;
        try
        {
            // Before the first call for work: with it, the bridge takes back what an earlier start of this worker had leased.
            await upload.ResumeAsync().WaitAsync(stoppingToken);
            while (options.Tasks is not { } most || taken < most)
            {
                await places.WaitAsync(stoppingToken);
                // 1.
                if (await bridge.AskAsync(Wait(), stoppingToken) is not { } lease)
                {
                    places.Release();
                    WasAccepted = true;
                    if (bridge.IsAskedToStay) Volatile.Write(ref workedAt, time.GetTimestamp());
                    if (running.IsEmpty && options.UntilIdle is { } limit && time.GetElapsedTime(Volatile.Read(ref workedAt)) >= limit)
                    {
                        LogIdle(logger, Duration.Text(limit));
                        break;
                    }
                    continue;
                }
                WasAccepted = true;
                Volatile.Write(ref workedAt, time.GetTimestamp());
                taken++;
                // A run of this task that lost its lease may still be ending.
                if (running.TryGetValue(lease.Number, out var earlier)) await earlier.Run.WaitAsync(stoppingToken);
                leases.Add(lease, options.Name);
                // 2.
                var lost = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                running[lease.Number] = (lease.Id, lost, RunAsync(lease.Number, lost, places));
            }
            await Task.WhenAll(running.Values.Select(each => each.Run)).WaitAsync(stoppingToken);
            host.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The worker stops.
        }
        catch (Exception e) when (e is WorkerRefusedException or BridgeAwayException)
        {
            Fail((SlidebridgeException)e);
        }
    }

    /// <summary>Not longer than the worker may be idle.</summary>
    TimeSpan Wait() => options.UntilIdle is { } limit && running.IsEmpty && limit - time.GetElapsedTime(Volatile.Read(ref workedAt)) is var left && left < WorkProtocol.LongestWait
        ? left > ShortestWait ? left : ShortestWait : WorkProtocol.LongestWait;

    /// <summary>Ends the runs of leases that are lost, also those that wait for a place.</summary>
    public void Lose(IReadOnlyCollection<string> ids)
    {
        foreach (var run in runs.Leases)
            if (ids.Contains(new LeaseId(run.Number, run.FencingToken).ToString())) runs.Stop(run);
        leases.Lose(ids);
        foreach (var (lease, lost, _) in running.Values)
            if (ids.Contains(lease)) lost.Cancel();
    }

    async Task RunAsync(long number, CancellationTokenSource lost, SemaphoreSlim places)
    {
        await Task.Yield();
        try
        {
            await runner.RunAsync(number, lost.Token);
        }
        catch (Exception e)
        {
            LogFault(logger, number, e.ToString());
        }
        finally
        {
            leases.Remove(number);
            Volatile.Write(ref workedAt, time.GetTimestamp());
            running.TryRemove(number, out _);
            places.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // 3.
        await runs.EmptyAsync(options.Drain, cancellationToken);
        await ending.CancelAsync();
        await Task.WhenAll(running.Values.Select(each => each.Run)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Failure is WorkerRefusedException) return;
        try
        {
            await bridge.RenewAsync([], isLeaving: true, cancellationToken);
        }
        catch (Exception e) when (e is WorkerRefusedException or OperationCanceledException)
        {
            // It leaves anyway.
        }
    }

    public override void Dispose()
    {
        ending.Dispose();
        base.Dispose();
    }

    [LoggerMessage(620, LogLevel.Information, "No work for {Limit}: the worker ends")]
    static partial void LogIdle(ILogger logger, string limit);

    [LoggerMessage(621, LogLevel.Error, "Task {Task}: the worker itself failed: {Why}")]
    static partial void LogFault(ILogger logger, long task, string why);
}
