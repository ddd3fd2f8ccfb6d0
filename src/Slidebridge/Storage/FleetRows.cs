namespace Slidebridge.Storage;

/// <summary>A worker that the fleet has asked for. Written before the engine is asked, so that a controller that dies in between leaves a trace.</summary>
sealed class FleetWorker
{
    public required string Name { get; init; }

    public required string Group { get; init; }

    /// <summary>The engine's kind.</summary>
    public required string Engine { get; init; }

    public DateTimeOffset AskedAt { get; set; }

    /// <summary>When the engine accepted the request; null: unknown.</summary>
    public DateTimeOffset? AcceptedAt { get; set; }

    /// <summary>When its machine began to cost money.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When it first asked the bridge for tasks.</summary>
    public DateTimeOffset? WorkedAt { get; set; }

    /// <summary>When it ended, or the engine did not know it any more.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Why it waits or how it ended, in the engine's words.</summary>
    public string? Why { get; set; }

    /// <summary>The engine lists it, and this database did not ask for it: the database was restored, or another bridge uses the same engine. It counts, and is never ended.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>The price of an hour when it was requested.</summary>
    public double? Price { get; init; }
}

/// <summary>What the controller remembers of a group.</summary>
sealed class FleetState
{
    public required string Group { get; init; }

    /// <summary>The number of the pass that runs: a controller that was frozen and is not the last one any more asks for nothing.</summary>
    public long Pass { get; set; }

    /// <summary>When the last pass ended.</summary>
    public DateTimeOffset? LookedAt { get; set; }

    /// <summary>Starts that have failed one after another.</summary>
    public int Failures { get; set; }

    /// <summary>No worker is requested before this.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>What is wrong, in sentences; null: nothing.</summary>
    public string? Trouble { get; set; }

    /// <summary>Since when tasks wait and nobody is there; null: that is not so.</summary>
    public DateTimeOffset? NeededAt { get; set; }
}
