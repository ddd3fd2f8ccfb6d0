namespace Slidebridge.Slides.Sources;

/// <summary>One request in flight for a run of neighbouring blocks, shared by all readers that need one of them.</summary>
sealed class BlockFetch(long first, int count, CancellationToken closing) : IDisposable
{
    readonly CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(closing);
    bool ended;

    /// <summary>The first block's index.</summary>
    public long First { get; } = first;

    /// <summary>Blocks in the run.</summary>
    public int Count { get; } = count;

    /// <summary>Readers that still want it. Guarded by the source's lock.</summary>
    public int Readers { get; set; }

    /// <summary>The blocks' bytes, once they have come.</summary>
    public Task<byte[][]> Blocks { get; private set; } = null!;

    public CancellationToken Token => abandoned.Token;

    public void Start(Func<BlockFetch, Task<byte[][]>> run) => Blocks = run(this);

    /// <summary>Ends the request: its last reader has gone. Under the source's lock, as is Dispose.</summary>
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
