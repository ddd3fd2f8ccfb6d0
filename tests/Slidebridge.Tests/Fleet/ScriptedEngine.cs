using Slidebridge.Fleet.Engines;

namespace Slidebridge.Tests.Fleet;

/// <summary>An engine whose answers the test decides.</summary>
sealed class ScriptedEngine : IFleetEngine
{
    /// <summary>What the engine has, in the order in which it was asked.</summary>
    public List<EngineWorker> Jobs { get; } = [];

    public List<string> Stopped { get; } = [];

    /// <summary>What the engine says in place of an answer.</summary>
    public string? Away { get; set; }

    public string? Refuses { get; set; }

    /// <summary>It has the request, and the answer is lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Ends the next listing when it is done.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>A listing waits at the gate.</summary>
    public TaskCompletionSource Waits { get; } = new();

    public Task StartAsync(WorkerRequest request, CancellationToken cancellationToken)
    {
        if (Refuses is { } why) throw new FleetEngineException(why);
        lock (Jobs) Jobs.Add(new EngineWorker(request.Name, $"{Jobs.Count + 1}", WorkerPhase.Queued));
        return LosesAnswers ? throw new FleetEngineException("no answer") : Task.CompletedTask;
    }

    public async Task<IReadOnlyList<EngineWorker>> ListAsync(CancellationToken cancellationToken)
    {
        if (Away is { } why) throw new FleetEngineException(why);
        IReadOnlyList<EngineWorker> now = [.. Jobs];
        if (Gate is { } gate)
        {
            Gate = null;
            Waits.TrySetResult();
            await gate.Task.WaitAsync(cancellationToken);
        }
        return now;
    }

    public Task StopAsync(EngineWorker worker, CancellationToken cancellationToken)
    {
        Stopped.Add(worker.Id);
        Jobs.RemoveAll(job => job.Id == worker.Id);
        return Task.CompletedTask;
    }

    public void Change(int job, Func<EngineWorker, EngineWorker> change) => Jobs[job] = change(Jobs[job]);
}

sealed record ScriptedOptions(ScriptedEngine Engine) : EngineOptions
{
    public override string Kind => "scripted";

    public override IFleetEngine Open(string group, EngineServices services) => Engine;
}
