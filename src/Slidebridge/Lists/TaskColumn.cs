namespace Slidebridge.Lists;

/// <summary>What is stored of each task by columns, one number each. The values are in the database: never give one another meaning.</summary>
enum TaskColumn
{
    Number = 1,

    /// <summary>UTC ticks.</summary>
    Accepted = 2,

    /// <summary>A <see cref="Tasks.TaskState"/>.</summary>
    State = 3,

    /// <summary>From here to <see cref="Node"/>: the number of a text, 0 for none.</summary>
    Company = 4,

    Model = 5,

    Classifier = 6,

    Group = 7,

    /// <summary>The stains of the task's scans, each once, sorted, one a line.</summary>
    Stains = 8,

    Node = 9,

    /// <summary>1: the platform has confirmed the task.</summary>
    Verified = 10,

    /// <summary>The case's number, 0 for none.</summary>
    Case = 11,

    /// <summary>The number of scans.</summary>
    Scans = 12,

    /// <summary>As many numbers for each task as <see cref="Scans"/> says: <see cref="ListedTask.KeyOf"/> of the scan ids.</summary>
    ScanKeys = 13,

    /// <summary>Ticks from <see cref="Accepted"/> to the first end; <see cref="TaskColumns.NotEnded"/> for none.</summary>
    Ended = 14,

    /// <summary>Ticks from the first end, or without one from <see cref="Accepted"/>, to the last change: nearly always 0, which needs no memory.</summary>
    Changed = 15,

    /// <summary>Pixels decoded for classifiers.</summary>
    Pixels = 16,

    /// <summary>The bits of a double: seconds of classifier time.</summary>
    Seconds = 17,
}

static class TaskColumns
{
    /// <summary>A task cannot have ended so little before it was accepted.</summary>
    public const long NotEnded = -1;

    public static readonly IReadOnlyList<TaskColumn> All = Enum.GetValues<TaskColumn>();

    /// <summary>Whether the column's numbers name texts.</summary>
    public static bool HasTexts(this TaskColumn column) => column is >= TaskColumn.Company and <= TaskColumn.Node;
}
