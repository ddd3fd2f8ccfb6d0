namespace Slidebridge.Storage;

/// <summary>The tasks of a span of time, stored by columns: docs/decisions/lists.md. A block begins with its first task and ends before the next block.</summary>
sealed class ColumnBlock
{
    public long Id { get; init; }

    /// <summary>When the first task of the block was accepted.</summary>
    public DateTimeOffset FirstAccepted { get; set; }

    /// <summary>The number of that task: of tasks accepted at the same moment, those with lower numbers are in the block before.</summary>
    public long FirstNumber { get; set; }

    /// <summary>Tasks in the block.</summary>
    public int Tasks { get; set; }

    /// <summary>The newest change of its tasks.</summary>
    public DateTimeOffset LastChange { get; set; }
}

/// <summary>One column of a block.</summary>
sealed class BlockColumn
{
    public long Block { get; init; }

    public int Column { get; init; }

    /// <summary>The least number of the column. A search for a number leaves out blocks that cannot have it.</summary>
    public long Least { get; set; }

    /// <summary>The largest number of the column.</summary>
    public long Most { get; set; }

    /// <summary>A number for each task, in the order of acceptance.</summary>
    public required byte[] Bytes { get; set; }
}

/// <summary>A text that columns name by its number, such as a company.</summary>
sealed class ColumnValue
{
    public int Id { get; init; }

    public int Column { get; init; }

    public required string Text { get; init; }
}

/// <summary>A task that was changed since it was stored by columns. Triggers of the database add these rows, so that nodes of an earlier version do too.</summary>
sealed class ChangedTask
{
    public long Id { get; init; }

    public long Number { get; init; }

    public DateTimeOffset AcceptedAt { get; init; }
}
