namespace Slidebridge.Slides.Sources;

/// <summary>A source as a sequential stream, for decompression libraries. Bytes are fetched in large pieces, the next one while the current one is used.</summary>
/// <param name="source">The source.</param>
/// <param name="isCareful">True if the bytes may turn out to be a label's: they are fetched in small pieces, each when it is needed.</param>
sealed class SourceStream(ByteSource source, bool isCareful = false) : Stream
{
    const int Piece = 1024 * 1024, CarefulPiece = 256, Growth = 4;

    // One buffer is used while the other is filled.
    byte[] current = [], next = [];
    int piece = isCareful ? CarefulPiece : Piece;
    Task? coming;
    long fetched;
    int length, nextLength, used;

    /// <summary>False once it is known that the bytes are not a label's: from then on, the pieces grow.</summary>
    public bool IsCareful { get; set; } = isCareful;

    /// <summary>Bytes of the source that were fetched so far, from its start.</summary>
    public long Fetched => fetched;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => source.Length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (used == length)
        {
            if (coming is null) Fetch(cancellationToken);
            await coming!;
            (current, next, length, used, coming) = (next, current, nextLength, 0, null);
            if (piece == Piece) Fetch(cancellationToken);
        }
        var count = Math.Min(buffer.Length, length - used);
        current.AsMemory(used, count).CopyTo(buffer);
        used += count;
        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream supports only asynchronous reads.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Cancels the fetch that is still in progress.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (coming is not null) await coming.ContinueWith(static _ => { }, TaskScheduler.Default);
        await base.DisposeAsync();
    }

    void Fetch(CancellationToken cancellationToken)
    {
        if (!IsCareful) piece = Math.Min(Piece, piece * Growth);
        nextLength = (int)Math.Min(piece, source.Length - fetched);
        if (next.Length < nextLength) next = new byte[nextLength];
        coming = source.ReadAsync(fetched, next.AsMemory(0, nextLength), cancellationToken).AsTask();
        fetched += nextLength;
    }
}
