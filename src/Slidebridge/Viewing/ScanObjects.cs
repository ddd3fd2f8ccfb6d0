using Slidebridge.Comparison;
using Slidebridge.Objects;
using Slidebridge.Storage;

namespace Slidebridge.Viewing;

/// <summary>The objects of a task's results, by an index that is made when they are first looked at.</summary>
sealed class ScanObjects : IDisposable
{
    readonly TaskStore store;
    readonly ObjectIndexes indexes;

    public ScanObjects(TaskStore store, ObjectIndexes indexes)
    {
        (this.store, this.indexes) = (store, indexes);
        store.Erased += Forget;
    }

    /// <summary>The index of a scan's objects; null if there is no such result.</summary>
    /// <param name="number">The task.</param>
    /// <param name="scanId">One of its scans.</param>
    /// <param name="wanted">The result, or the two results whose difference is wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ComparisonException">The results are too large to be compared.</exception>
    public async Task<BorrowedIndex?> OpenAsync(long number, string scanId, WantedResult wanted, CancellationToken cancellationToken)
    {
        // Asked each time: an erased result has no objects any more, whatever files there are.
        if (await store.FindResultVersionAsync(number, wanted.Name, cancellationToken) is not { } version) return null;
        if (!wanted.IsDifference) return await OpenAsync($"{number}\n{scanId}\n{wanted.Name}\n{version}", number, scanId, async stop =>
        {
            var json = await ResultAsync(number, wanted.Name, stop);
            return receiver => new ResultObjects(receiver).Read(json, scanId);
        }, cancellationToken);
        if (await store.FindResultVersionAsync(number, wanted.OtherName, cancellationToken) is not { } other) return null;
        return await OpenAsync($"{number}\n{scanId}\n{wanted.Name}\n{version}\nagainst\n{wanted.OtherName}\n{other}", number, scanId, async stop =>
            new ResultDifference(await ResultAsync(number, wanted.Name, stop), await ResultAsync(number, wanted.OtherName, stop), scanId, new MatchingOptions(), stop).Read, cancellationToken);
    }

    /// <summary>One object with its properties; null if there is no such object.</summary>
    /// <param name="number">The task.</param>
    /// <param name="scanId">One of its scans.</param>
    /// <param name="wanted">The result, or the two results.</param>
    /// <param name="id">The object's number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ObjectDetail?> FindAsync(long number, string scanId, WantedResult wanted, long id, CancellationToken cancellationToken)
    {
        using var borrowed = await OpenAsync(number, scanId, wanted, cancellationToken);
        if (borrowed is null || ObjectDetail.SourceOf(borrowed.Index, id) is not { } at) return null;
        var isOfOther = wanted.IsDifference && borrowed.Index.NameOf(borrowed.Index.Row(id)) == ResultDifference.OnlyInB;
        return await store.FindResultPartAsync(number, isOfOther ? wanted.OtherName : wanted.Name, at.Offset, at.Length, cancellationToken) is { } source ? ObjectDetail.Read(borrowed.Index, id, source) : null;
    }

    Task<BorrowedIndex> OpenAsync(string key, long number, string scanId, Func<CancellationToken, Task<Action<IObjectReceiver>>> readAsync, CancellationToken cancellationToken) =>
        indexes.OpenAsync(key, async (path, stop) =>
        {
            var read = await readAsync(stop);
            var picture = await store.FindPictureAsync(number, scanId, stop);
            ObjectIndexWriter.Write(read, picture is null ? null : (picture.SlideWidth, picture.SlideHeight), path, stop);
        }, cancellationToken);

    /// <summary>A result that was erased a moment ago has no objects.</summary>
    async Task<byte[]> ResultAsync(long number, string? name, CancellationToken cancellationToken) =>
        await (name is null ? store.FindResultAsync(number, cancellationToken) : store.FindRerunResultAsync(number, cancellationToken, name)) ?? "{}"u8.ToArray();

    void Forget(IReadOnlyCollection<long> erased)
    {
        foreach (var number in erased) indexes.DeleteAllOf($"{number}");
    }

    public void Dispose() => store.Erased -= Forget;
}
