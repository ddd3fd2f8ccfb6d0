using Slidebridge.Objects;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Viewing;

/// <summary>The objects of a task's results, by an index that is made when they are first looked at.</summary>
sealed class ScanObjects(TaskStore store, ObjectIndexes indexes)
{
    /// <summary>The index of a scan's objects; null if there is no such result.</summary>
    /// <param name="number">The task.</param>
    /// <param name="scanId">One of its scans.</param>
    /// <param name="of">Null: the task's own result; else that of the last rerun (<see cref="TaskRerun.OfOperator"/>) or of a shadow classifier.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BorrowedIndex?> OpenAsync(long number, string scanId, string? of, CancellationToken cancellationToken)
    {
        // Asked each time: an erased result has no objects any more, whatever files there are.
        if (await store.FindResultVersionAsync(number, of, cancellationToken) is not { } version) return null;
        return await indexes.OpenAsync($"{number}\n{scanId}\n{of}\n{version}", async (path, stop) =>
        {
            var json = await (of is null ? store.FindResultAsync(number, stop) : store.FindRerunResultAsync(number, stop, of)) ?? "{}"u8.ToArray();
            var picture = await store.FindPictureAsync(number, scanId, stop);
            ObjectIndexWriter.Write(json, scanId, picture is null ? null : (picture.SlideWidth, picture.SlideHeight), path, stop);
        }, cancellationToken);
    }

    /// <summary>One object with its properties; null if there is no such object.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<ObjectDetail?> FindAsync(long number, string scanId, string? of, long id, CancellationToken cancellationToken)
    {
        using var borrowed = await OpenAsync(number, scanId, of, cancellationToken);
        if (borrowed is null || ObjectDetail.SourceOf(borrowed.Index, id) is not { } at) return null;
        return await store.FindResultPartAsync(number, of, at.Offset, at.Length, cancellationToken) is { } source ? ObjectDetail.Read(borrowed.Index, id, source) : null;
    }
}
