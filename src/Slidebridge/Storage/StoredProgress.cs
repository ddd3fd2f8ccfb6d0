namespace Slidebridge.Storage;

/// <summary>How far the runs of one node or worker are, for the pages of other nodes. Only in a database that several nodes share: with one process, it is in its memory.</summary>
sealed class StoredProgress
{
    /// <summary>The name as a task's row states it.</summary>
    public required string Node { get; init; }

    public DateTimeOffset At { get; set; }

    /// <summary>JSON: for each run, named <c>TASK-TOKEN</c>, the completed part of each scan, 0 to 1.</summary>
    public required string Runs { get; set; }
}
