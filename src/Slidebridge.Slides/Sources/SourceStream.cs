namespace Slidebridge.Slides.Sources;

/// <summary>A source as a sequential stream, for decompression libraries. Bytes are fetched in large pieces, the next one while the current one is used.</summary>
sealed class SourceStream(ByteSource source) : Stream
{
    const int Piece = 1024 * 1024;

    // One buffer is used while the other is filled.
    byte[] current = new byte[Piece], next = new byte[Piece];
    Task? coming;
    long fetched;
    int length, nextLength, used;

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
            (current, next, length, used) = (next, current, nextLength, 0);
            Fetch(cancellationToken);
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
        nextLength = (int)Math.Min(Piece, source.Length - fetched);
        coming = source.ReadAsync(fetched, next.AsMemory(0, nextLength), cancellationToken).AsTask();
        fetched += nextLength;
    }
}
