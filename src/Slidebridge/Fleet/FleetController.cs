using Slidebridge.Fleet.Engines;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Fleet;

/// <summary>
/// Looks at each group and asks its engine for what is missing. One controller works in a cluster (<see cref="FleetJob"/>); it may die at any point:
/// <code>
/// ─1─ the engine lists its workers ─2─ rows are corrected ─3─ a decision ─4─ requests that are not needed are withdrawn
///  ─5─ new names are written down ─6─ the engine gets the requests ─7─ the answer is written down
/// </code>
/// If it dies between 5 and 7, the next pass finds in 1 whether the engine has the request, by its name. A row that the engine does not list counts as present
/// until no call of a dead controller can arrive any more. docs/decisions/fleet.md
/// </summary>
sealed partial class FleetController(FleetOptions options, FleetEngines engines, FleetBooks books, TaskSignal signal, TimeProvider time, ILogger<FleetController> logger)
{
    /// <summary>Requests that an engine receives at a time.</summary>
    public const int AtATime = 4;

    /// <summary>Looks at all groups.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var group in options.Groups)
        {
            if (await books.BeginAsync(group.Group) is not { } pass) continue;
            try
            {
                await LookAsync(group, pass, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotLooked(logger, group.Group, e.ToString());
                await TellAsync(group, pass, $"The fleet of the group {group.Group} failed: {EngineText.Line(e.GetBaseException().Message)}", isFailedStart: true);
            }
        }
        foreach (var group in options.Watched) await books.WatchAsync(group);
        await books.CloseOthersAsync();
    }

    async Task LookAsync(FleetGroup group, long pass, CancellationToken cancellationToken)
    {
        var engine = engines.Of(group);
        IReadOnlyList<EngineWorker> listed;
        try
        {
            // 1.
            listed = await engine.ListAsync(cancellationToken);
        }
        catch (FleetEngineException e)
        {
            await TellAsync(group, pass, $"The workers of the group {group.Group} are not known, and none is started: {e.Message}");
            return;
        }
        // 2.
        if (await books.ReconcileAsync(group, pass, listed) is not { } reading) return;
        foreach (var ended in reading.Ended) LogEnded(logger, ended.Name, ended.Why ?? "it has finished");
        if (reading.Ended.Count > 0) signal.Wake();
        // 3.
        var decision = FleetDecision.Of(group, reading.View);
        // 4.
        var entries = listed.Where(e => e.Phase is not WorkerPhase.Ended).ToLookup(e => e.Name);
        foreach (var entry in reading.Repeated) await StopAsync(engine, entry, cancellationToken);
        var stopped = new List<string>();
        foreach (var entry in decision.Withdraw.Concat(decision.Overdue).SelectMany(name => entries[name]))
            if (await StopAsync(engine, entry, cancellationToken)) stopped.Add(entry.Name);
        await books.WithdrawnAsync(stopped);
        // 5. to 7.
        var failure = decision.Start > 0 ? await StartAsync(group, pass, engine, decision.Start, cancellationToken) : null;
        if (failure is not null) await TellAsync(group, pass, $"No worker of the group {group.Group} could be started: {failure}", isFailedStart: true);
        else if (decision.Overdue.FirstOrDefault(stopped.Contains) is { } overdue) await TellAsync(group, pass, $"Worker {overdue} had a machine for {Duration.Text(group.StartWithin)} and did not ask for work, so it was ended{Why(overdue)}.", isFailedStart: true);
        else if (decision.Late is [var late, ..]) await TellAsync(group, pass, $"Worker {late} was requested more than {Duration.Text(group.StartWithin)} ago (startWithin) and does not work yet{Why(late)}. No further one is requested meanwhile.");
        else
        {
            await books.EndAsync(group.Group, pass, null);
            if (reading.Failure is { } failed) Tell(group, failed);
        }

        string Why(string name) => entries[name].FirstOrDefault()?.Why is { } why ? $": {why}" : "";
    }

    /// <returns>Why a request failed; null: none did.</returns>
    async Task<string?> StartAsync(FleetGroup group, long pass, IFleetEngine engine, int count, CancellationToken cancellationToken)
    {
        var accepted = new List<string>();
        string? failure = null;
        for (var left = count; left > 0 && failure is null && !cancellationToken.IsCancellationRequested; left -= AtATime)
        {
            // Written down just before they are sent, and only while no other pass has begun.
            string[] names = [.. Enumerable.Range(0, Math.Min(AtATime, left)).Select(_ => FleetNames.New(group.Group))];
            if (!await books.AskAsync(group, pass, names)) break;
            var answers = await Task.WhenAll(names.Select(async name =>
            {
                try
                {
                    await engine.StartAsync(RequestOf(group, name), cancellationToken);
                    return (name, Why: (string?)null);
                }
                catch (FleetEngineException e)
                {
                    return (name, Why: e.Message);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return (name, Why: "the bridge stops");
                }
            }));
            List<string> taken = [.. answers.Where(a => a.Why is null).Select(a => a.name)];
            // Those that failed stay: the engine may have them nevertheless.
            await books.AcceptedAsync(taken);
            accepted.AddRange(taken);
            failure = answers.FirstOrDefault(a => a.Why is not null).Why;
        }
        if (accepted.Count > 0) LogStarted(logger, accepted.Count, group.Group, group.Engine.Kind, string.Join(", ", accepted));
        return cancellationToken.IsCancellationRequested ? null : failure;
    }

    static WorkerRequest RequestOf(FleetGroup group, string name)
    {
        var environment = new Dictionary<string, string> { ["SLIDEBRIDGE_NAME"] = name, ["SLIDEBRIDGE_GROUP"] = group.Group, ["SLIDEBRIDGE_UNTIL_IDLE"] = Duration.Text(group.Idle) };
        if (group.Bridge is { } bridge) environment["SLIDEBRIDGE_BRIDGE"] = bridge.AbsoluteUri;
        return new WorkerRequest(name, environment);
    }

    async Task<bool> StopAsync(IFleetEngine engine, EngineWorker worker, CancellationToken cancellationToken)
    {
        try
        {
            await engine.StopAsync(worker, cancellationToken);
            LogWithdrawn(logger, worker.Name);
            return true;
        }
        catch (FleetEngineException e)
        {
            LogNotWithdrawn(logger, worker.Name, e.Message);
            return false;
        }
    }

    async Task TellAsync(FleetGroup group, long pass, string trouble, bool isFailedStart = false)
    {
        await books.EndAsync(group.Group, pass, trouble, isFailedStart);
        Tell(group, trouble);
    }

    void Tell(FleetGroup group, string trouble)
    {
        if (told.GetValueOrDefault(group.Group) is { } last && last.Trouble == trouble && time.GetElapsedTime(last.At) < TellAgain) return;
        told[group.Group] = (trouble, time.GetTimestamp());
        LogTrouble(logger, trouble);
    }

    static readonly TimeSpan TellAgain = TimeSpan.FromMinutes(10);

    readonly Dictionary<string, (string Trouble, long At)?> told = [];

    [LoggerMessage(700, LogLevel.Information, "{Count} workers of the group {Group} were requested ({Engine}): {Names}")]
    static partial void LogStarted(ILogger logger, int count, string group, string engine, string names);

    [LoggerMessage(701, LogLevel.Information, "Worker {Name} ended: {Why}")]
    static partial void LogEnded(ILogger logger, string name, string why);

    [LoggerMessage(702, LogLevel.Warning, "{Trouble}")]
    static partial void LogTrouble(ILogger logger, string trouble);

    [LoggerMessage(703, LogLevel.Information, "The request for worker {Name} was withdrawn: it is not needed any more")]
    static partial void LogWithdrawn(ILogger logger, string name);

    [LoggerMessage(704, LogLevel.Warning, "The request for worker {Name} could not be withdrawn: {Why}")]
    static partial void LogNotWithdrawn(ILogger logger, string name, string why);

    [LoggerMessage(705, LogLevel.Error, "The fleet of the group {Group} was not looked at: {Why}")]
    static partial void LogNotLooked(ILogger logger, string group, string why);
}
