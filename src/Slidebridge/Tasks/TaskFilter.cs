namespace Slidebridge.Tasks;

/// <summary>Which tasks a list has. What is null is not asked for.</summary>
/// <param name="State">Where they stand.</param>
/// <param name="Model">The model that they ask for, as the platform writes it.</param>
/// <param name="Company">The company that they are of.</param>
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
