namespace Slidebridge.Tasks;

/// <summary>Selects the tasks of a list. Members that are null select all.</summary>
/// <param name="State">The tasks' state.</param>
/// <param name="Model">The model that the tasks ask for, as the platform writes it.</param>
/// <param name="Company">The tasks' company.</param>
sealed record TaskFilter(TaskState? State = null, string? Model = null, string? Company = null)
{
    public IQueryable<BridgeTask> Of(IQueryable<BridgeTask> tasks)
    {
        if (State is { } state) tasks = tasks.Where(t => t.State == state);
        if (Model is { } model) tasks = tasks.Where(t => t.Model == model);
        if (Company is { } company) tasks = tasks.Where(t => t.CompanyId == company);
        return tasks;
    }
}
