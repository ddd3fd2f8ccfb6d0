namespace Slidebridge.Tasks;

/// <summary>Selects the tasks of a list. Members that are null select all.</summary>
/// <param name="State">The tasks' state.</param>
/// <param name="Model">The model that the tasks ask for, as the platform writes it.</param>
/// <param name="Company">The tasks' company.</param>
sealed record TaskFilter(TaskState? State = null, string? Model = null, string? Company = null)
{
    /// <summary>The companies that the caller may see; null or empty: all.</summary>
    public IReadOnlyList<string>? Companies { get; init; }

    public IQueryable<BridgeTask> Of(IQueryable<BridgeTask> tasks)
    {
        if (State is { } state) tasks = tasks.Where(t => t.State == state);
        if (Model is { } model) tasks = tasks.Where(t => t.Model == model);
        if (Company is { } company) tasks = tasks.Where(t => t.CompanyId == company);
        if (Companies is { Count: > 0 } companies) tasks = tasks.Where(t => companies.Contains(t.CompanyId));
        return tasks;
    }
}
