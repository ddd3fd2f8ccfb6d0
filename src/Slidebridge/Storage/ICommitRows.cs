namespace Slidebridge.Storage;

/// <summary>Adds rows that follow from a commit's changes, in the same transaction.</summary>
interface ICommitRows
{
    /// <summary>Called after all changes of the commit, before it is saved. The rows that it changes must be tracked: <see cref="CommitQueue.AddsRows"/>.</summary>
    /// <returns>Whether rows were added.</returns>
    bool AddTo(TaskDatabase database);

    /// <summary>The rows are on disk.</summary>
    void Committed();
}
