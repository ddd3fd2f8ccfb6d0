namespace Slidebridge.Fleet.Engines;

/// <summary>
/// Whatever starts workers: a scheduler, a cloud, this machine. What it lists is the truth about which workers exist; the fleet's own rows only remember what it asked for.
/// </summary>
/// <remarks>Calls come from one controller in the whole cluster, which may start several workers at a time. Its node may die in any of them; the next call then comes from another. A call ends within 30 s. An engine that is disposable is disposed with the bridge.</remarks>
interface IFleetEngine
{
    /// <summary>
    /// Asks for a worker, which is listed under the request's name from then on. A request of the same name that the engine already has must not start a second worker, as far as the engine can tell.
    /// </summary>
    /// <exception cref="FleetEngineException">The engine refuses, cannot be reached, or did not answer in time. It may have the request nevertheless.</exception>
    Task StartAsync(WorkerRequest request, CancellationToken cancellationToken);

    /// <summary>The workers of this group that the engine knows: all that have not ended, and those that have ended as long as the engine remembers them.</summary>
    /// <exception cref="FleetEngineException">The engine cannot be reached, did not answer in time, or its answer cannot be understood. Nothing is then known about its workers.</exception>
    Task<IReadOnlyList<EngineWorker>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Withdraws a request. One that was <see cref="WorkerPhase.Queued"/> when it was listed must go on if it has started since; one that was not is ended: it has a machine, and its worker has never asked for work. Not an error if the engine does not know it any more.
    /// </summary>
    /// <exception cref="FleetEngineException">The engine refuses, cannot be reached, or did not answer in time.</exception>
    Task StopAsync(EngineWorker worker, CancellationToken cancellationToken);
}

/// <summary>A worker that the fleet asks for.</summary>
/// <param name="Name">Unique for ever: lower-case letters, digits and '-', at most 63 characters, a letter first, a letter or digit last (RFC 1123). The engine keeps it as the job's name, and the worker shows it to the bridge (<c>SLIDEBRIDGE_NAME</c>).</param>
/// <param name="Environment">Variables that the worker must find, such as <c>SLIDEBRIDGE_UNTIL_IDLE</c>. None is a secret.</param>
sealed record WorkerRequest(string Name, IReadOnlyDictionary<string, string> Environment);

/// <summary>A worker as its engine lists it.</summary>
/// <param name="Name">The request's name.</param>
/// <param name="Id">The engine's own number of it. Two entries of one name have different ids: one of them is a repeated request.</param>
/// <param name="Phase">What it does now.</param>
sealed record EngineWorker(string Name, string Id, WorkerPhase Phase)
{
    /// <summary>When its machine began to cost money; null: not yet, or the engine does not tell.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null: not yet, or the engine does not tell.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it waits, or why it ended, in a sentence without a full stop, such as <c>no node of the partition is free</c>; null: nothing is to be said.</summary>
    public string? Why
    {
        get;
        init => field = value is null ? null : EngineText.Sentence(value);
    }

    /// <summary>How it ended; null: it has not.</summary>
    public WorkerEnd? End { get; init; }
}

enum WorkerPhase
{
    /// <summary>The engine has the request and no machine for it. Costs nothing.</summary>
    Queued,

    /// <summary>It has a machine, and the worker's program does not run yet.</summary>
    Starting,
    Running,
    Ended,
}

/// <summary>How a worker ended, as its engine tells.</summary>
enum WorkerEnd
{
    /// <summary>By itself, with success.</summary>
    Finished,

    /// <summary>The engine took its machine: preempted, evicted, terminated, node failed, time limit. Never its task's fault.</summary>
    Taken,

    /// <summary>Its program failed, or could not be started.</summary>
    Failed,
}
