using Slidebridge.Objects;

namespace Slidebridge.LocalViewing;

/// <summary>The newest result of the slides, its objects by an index, and what the classifier does now. Safe for concurrent callers.</summary>
/// <param name="folder">A private folder for indexes.</param>
sealed class LocalResults(string folder) : IDisposable
{
    /// <summary>Indexes on disk: those of earlier results are deleted first.</summary>
    const long MostIndexBytes = 1L << 30;

    readonly ObjectIndexes indexes = new(folder, MostIndexBytes);
    readonly Lock gate = new();
    TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    RunState state = new("", IsFailed: false, Result: 0);
    ReadOnlyMemory<byte> json = "{}"u8.ToArray();

    public RunState State
    {
        get
        {
            lock (gate) return state;
        }
    }

    /// <summary>A valid result is there.</summary>
    public void Show(ReadOnlyMemory<byte> result, string text)
    {
        lock (gate)
        {
            json = result;
            Change(new RunState(text, IsFailed: false, state.Result + 1));
        }
    }

    /// <summary>The classifier works, or has failed. The newest result stays.</summary>
    public void Say(string text, bool isFailed = false)
    {
        lock (gate) Change(state with { Text = text, IsFailed = isFailed });
    }

    void Change(RunState now)
    {
        if (now == state) return;
        state = now;
        changed.TrySetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Waits until the state is another one.</summary>
    public async Task<RunState> NextAsync(RunState? seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (state != seen) return state;
                change = changed.Task;
            }
            await change.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The objects of a scan; null if the result is not the newest one.</summary>
    /// <param name="result">The result's number.</param>
    /// <param name="scan">The scan.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BorrowedIndex?> OpenAsync(int result, LocalScan scan, CancellationToken cancellationToken)
    {
        if (NewestOr(result) is not { } bytes) return null;
        var size = (scan.Slide.Slide.Width, scan.Slide.Slide.Height);
        return await indexes.OpenAsync($"{scan.Id}\n{result}", (path, stop) => Task.Run(() => ObjectIndexWriter.Write(bytes, scan.Id, size, path, stop), stop), cancellationToken);
    }

    /// <summary>One object with its properties; null if there is no such object.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<ObjectDetail?> FindAsync(int result, LocalScan scan, long number, CancellationToken cancellationToken)
    {
        using var borrowed = await OpenAsync(result, scan, cancellationToken);
        return borrowed is not null && ObjectDetail.SourceOf(borrowed.Index, number) is { } at && NewestOr(result) is { } bytes
            ? ObjectDetail.Read(borrowed.Index, number, bytes.Span.Slice(at.Offset, at.Length)) : null;
    }

    ReadOnlyMemory<byte>? NewestOr(int result)
    {
        lock (gate) return result > 0 && result == state.Result ? json : (ReadOnlyMemory<byte>?)null; // A plain null would become empty memory.
    }

    public void Dispose() => indexes.Dispose();
}
