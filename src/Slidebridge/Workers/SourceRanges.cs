using Slidebridge.Slides;

namespace Slidebridge.Workers;

/// <summary>A source of bytes as a stream with positions, as ASP.NET Core's answers to range requests need it.</summary>
/// <param name="source">The source. It stays open.</param>
/// <param name="closed">Called when the stream is closed.</param>
sealed class SourceRanges(ByteSource source, Action closed) : Stream
{
    Action? closed = closed;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => source.Length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(buffer.Length, Length - Position);
        if (count <= 0) return 0;
        await source.ReadAsync(Position, buffer[..count], cancellationToken);
        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => Length + offset };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream supports only asynchronous reads.");

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Interlocked.Exchange(ref closed, null)?.Invoke();
        base.Dispose(disposing);
    }
}
