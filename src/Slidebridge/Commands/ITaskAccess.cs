using Slidebridge.Api;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Usage;

namespace Slidebridge.Commands;

/// <summary>The tasks as an operator's commands see them: through a bridge's API, or in its database.</summary>
interface ITaskAccess : IAsyncDisposable
{
    Task<TaskPageJson> ListAsync(TaskFilter filter, int offset, int limit, CancellationToken cancellationToken);

    /// <summary>A task with its events.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    Task<TaskJson> ShowAsync(string id, CancellationToken cancellationToken);

    /// <summary>The saved result, or null.</summary>
    Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken);

    /// <summary>The result of the task's last rerun, or null.</summary>
    Task<byte[]?> FindRerunResultAsync(long number, CancellationToken cancellationToken);

    /// <summary>What the classifier wrote in its last run, or null.</summary>
    Task<string?> FindLogAsync(string id, CancellationToken cancellationToken);

    /// <summary>Does something with a task (<see cref="TaskOperations.All"/>) and returns it as it is then.</summary>
    /// <exception cref="CommandException">There is no such task, or it was refused.</exception>
    Task<TaskJson> OperateAsync(string id, string operation, string who, CancellationToken cancellationToken);

    /// <summary>Has an ended task classified again, and its new result posted where that is asked for.</summary>
    /// <exception cref="CommandException">There is no such task, or it was refused.</exception>
    Task<TaskJson> RerunAsync(string id, bool post, string who, CancellationToken cancellationToken);

    Task<IReadOnlyList<CompanyUsage>> UsageAsync(Month from, Month to, CancellationToken cancellationToken);
}
