namespace Slidebridge.Tasks;

/// <summary>Selects the tasks of a list. Members that are null select all. An empty text selects tasks without one.</summary>
sealed record TaskFilter
{
    /// <summary>The tasks' states; empty: all.</summary>
    public IReadOnlyList<TaskState>? States { get; init; }

    /// <summary>The tasks' company.</summary>
    public string? Company { get; init; }

    /// <summary>The model that the tasks ask for, as the platform writes it.</summary>
    public string? Model { get; init; }

    /// <summary>The classifier that the routes chose, as it is configured or by its short name.</summary>
    public string? Classifier { get; init; }

    /// <summary>The stain of one of the tasks' scans.</summary>
    public string? Stain { get; init; }

    /// <summary>The execution group.</summary>
    public string? Group { get; init; }

    /// <summary>The node or worker that has claimed the tasks, or had claimed them last.</summary>
    public string? Node { get; init; }

    /// <summary>Only tasks accepted at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only tasks accepted before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A task's number or platform id, a case's, or a scan's id, complete.</summary>
    public string? Search { get; init; }

    /// <summary>The companies that the caller may see; null or empty: all.</summary>
    public IReadOnlyList<string>? Companies { get; init; }
}
