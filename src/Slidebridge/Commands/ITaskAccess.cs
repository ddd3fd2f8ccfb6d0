using System.Runtime.CompilerServices;
using Slidebridge.Api;
using Slidebridge.Identity;
using Slidebridge.Lists;
using Slidebridge.Provenance;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Usage;
using Slidebridge.Webhook;
using Slidebridge.Workers;

namespace Slidebridge.Commands;

/// <summary>The tasks for an operator's commands: through a bridge's API, or in its database.</summary>
interface ITaskAccess : IAsyncDisposable
{
    const int LargestPage = 500;

    static CommandException OfEarlierVersion() => new("The bridge is of an earlier version. Use the commands of that version, or upgrade the bridge.");

    Task<TaskPageJson> ListAsync(TaskFilter filter, TaskPageRequest request, CancellationToken cancellationToken);

    /// <summary>All tasks that match, the newest first. Tasks that arrive meanwhile are not among them.</summary>
    async IAsyncEnumerable<TaskJson> AllAsync(TaskFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (TaskKey? after = null; ;)
        {
            var page = await ListAsync(filter, new TaskPageRequest(LargestPage, after), cancellationToken);
            foreach (var task in page.Tasks) yield return task;
            // An earlier version has no cursors.
            if (page.Counts is null && page.Total > page.Tasks.Count) throw OfEarlierVersion();
            if (page.Next is null || !TaskKey.TryParse(page.Next, out var next)) yield break;
            after = next;
        }
    }

    /// <summary>A task with its events.</summary>
    /// <exception cref="CommandException">There is no such task.</exception>
    Task<TaskJson> ShowAsync(string id, CancellationToken cancellationToken);

    /// <summary>The saved result, or null.</summary>
    Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken);

    /// <summary>The result of the task's last rerun, or null.</summary>
    Task<byte[]?> FindRerunResultAsync(long number, CancellationToken cancellationToken);

    /// <summary>A shadow classifier's result, or null.</summary>
    Task<byte[]?> FindShadowResultAsync(long number, string classifier, CancellationToken cancellationToken);

    /// <summary>The slides' URLs; null if only the bridge itself may use them.</summary>
    Task<IReadOnlyList<RequestedScan>?> FindSlidesAsync(long number, CancellationToken cancellationToken);

    /// <summary>The byte ranges that were read for the saved result, for the last rerun's (<see cref="TaskRerun.OfOperator"/>) or for a shadow classifier's; null if none are stored.</summary>
    Task<IReadOnlyList<ScanLedger>?> FindLedgerAsync(long number, string? of, CancellationToken cancellationToken);

    /// <summary>What the classifier wrote in its last run, or null.</summary>
    Task<string?> FindLogAsync(string id, CancellationToken cancellationToken);

    /// <summary>Runs an operation (<see cref="TaskOperations.All"/>) and returns the task after it.</summary>
    /// <exception cref="CommandException">There is no such task, or the operation was refused.</exception>
    Task<TaskJson> OperateAsync(string id, string operation, string who, CancellationToken cancellationToken);

    /// <summary>Decides about a held result (<see cref="TaskOperations.Decisions"/>) and returns the task after it.</summary>
    /// <exception cref="CommandException">There is no such task, or the decision was refused.</exception>
    Task<TaskJson> DecideAsync(string id, string decision, string? reason, string who, CancellationToken cancellationToken);

    /// <summary>Classifies an ended task again, and posts the new result if asked to.</summary>
    /// <exception cref="CommandException">There is no such task, or the operation was refused.</exception>
    Task<TaskJson> RerunAsync(string id, bool post, string who, CancellationToken cancellationToken);

    Task<IReadOnlyList<UsageSum>> UsageAsync(UsageRange range, IReadOnlyList<UsageKey> keys, CancellationToken cancellationToken);

    /// <summary>Makes a named API token.</summary>
    /// <exception cref="CommandException">It was refused.</exception>
    Task<NewTokenJson> AddTokenAsync(TokenRequest request, string who, CancellationToken cancellationToken);

    /// <summary>Every named token, also revoked and expired ones, the newest first.</summary>
    Task<IReadOnlyList<TokenJson>> TokensAsync(CancellationToken cancellationToken);

    /// <exception cref="CommandException">There is no valid token of this name.</exception>
    Task<TokenJson> RevokeTokenAsync(string name, string who, CancellationToken cancellationToken);

    /// <summary>The workers that run tasks of the bridge elsewhere.</summary>
    Task<IReadOnlyList<WorkerJson>> WorkersAsync(CancellationToken cancellationToken);

    /// <summary>The sessions of people who have signed in with a browser.</summary>
    Task<IReadOnlyList<OpenSession>> SessionsAsync(CancellationToken cancellationToken);

    /// <summary>Ends every session of a person, and returns how many there were.</summary>
    Task<int> EndSessionsAsync(string name, string who, CancellationToken cancellationToken);

    /// <summary>The audit log, the oldest line first.</summary>
    IAsyncEnumerable<AuditLine> AuditAsync(CancellationToken cancellationToken);
}
