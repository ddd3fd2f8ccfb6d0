namespace Slidebridge.Slides.Sources;

/// <summary>One request in flight for a run of neighbouring blocks, shared by all readers that need one of the blocks.</summary>
sealed class BlockFetch(long first, int count, CancellationToken closing) : IDisposable
{
    readonly CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(closing);
    bool ended;

    /// <summary>The first block's index.</summary>
    public long First { get; } = first;

    /// <summary>Blocks in the run.</summary>
    public int Count { get; } = count;

    /// <summary>Readers that still need it. Guarded by the source's lock.</summary>
    public int Readers { get; set; }

    /// <summary>The blocks' bytes, when they have arrived.</summary>
    public Task<byte[][]> Blocks { get; private set; } = null!;

    public CancellationToken Token => abandoned.Token;

    public void Start(Func<BlockFetch, Task<byte[][]>> run) => Blocks = run(this);

    /// <summary>Cancels the request, because its last reader has stopped waiting. Call this and Dispose under the source's lock.</summary>
    public void Abandon()
    {
        if (!ended) abandoned.Cancel();
    }

    public void Dispose()
    {
        ended = true;
        abandoned.Dispose();
    }
}
