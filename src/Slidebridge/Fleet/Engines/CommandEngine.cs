namespace Slidebridge.Fleet.Engines;

/// <summary>Workers of a scheduler that Slidebridge does not know, by the user's own commands.</summary>
sealed class CommandEngine(CommandOptions options, string group) : IFleetEngine
{
    const string Group = "SLIDEBRIDGE_GROUP", Name = "SLIDEBRIDGE_NAME", Id = "SLIDEBRIDGE_WORKER_ID", Phase = "SLIDEBRIDGE_WORKER_PHASE";

    public async Task StartAsync(WorkerRequest request, CancellationToken cancellationToken) => await RunAsync("start", options.Start, request.Environment, cancellationToken);

    public async Task<IReadOnlyList<EngineWorker>> ListAsync(CancellationToken cancellationToken)
    {
        var output = await RunAsync("list", options.List, new Dictionary<string, string> { [Group] = group }, cancellationToken);
        return [.. output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];
    }

    static EngineWorker Parse(string line)
    {
        var parts = line.Split((char[]?)null, 4, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 3) throw Wrong();
        var (phase, end) = parts[2] switch
        {
            "queued" => (WorkerPhase.Queued, (WorkerEnd?)null),
            "starting" => (WorkerPhase.Starting, null),
            "running" => (WorkerPhase.Running, null),
            "finished" => (WorkerPhase.Ended, WorkerEnd.Finished),
            "taken" => (WorkerPhase.Ended, WorkerEnd.Taken),
            "failed" => (WorkerPhase.Ended, WorkerEnd.Failed),
            _ => throw Wrong(),
        };
        return new EngineWorker(parts[0], parts[1], phase) { End = end, Why = parts.ElementAtOrDefault(3) };

        FleetEngineException Wrong() => new($"the fleet's 'list' command printed a line that is not 'NAME ID queued|starting|running|finished|taken|failed [WHY]': {line}");
    }

    public async Task StopAsync(EngineWorker worker, CancellationToken cancellationToken) =>
        await RunAsync("stop", options.Stop, new Dictionary<string, string> { [Group] = group, [Name] = worker.Name, [Id] = worker.Id, [Phase] = worker.Phase is WorkerPhase.Queued ? "queued" : "starting" }, cancellationToken);

    static async Task<EngineOutput> RunAsync(string what, string line, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var output = await EngineCommand.RunAsync(["/bin/sh", "-c", line], null, environment, cancellationToken);
        return output.ExitCode == 0 ? output : throw new FleetEngineException($"the fleet's '{what}' command failed: {output.Complaint}");
    }
}
