using Slidebridge.Slides;

namespace Slidebridge.Tests.Support;

/// <summary>A slide of any length of which only some pieces are anything but zero.</summary>
sealed class SparseSource(long length, IReadOnlyList<(long Offset, byte[] Bytes)> pieces) : ByteSource
{
    public override long Length => length;

    public override SourceUsage Usage => default;

    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        buffer.Span.Clear();
        foreach (var (at, bytes) in pieces)
        {
            long from = Math.Max(offset, at), to = Math.Min(offset + buffer.Length, at + bytes.Length);
            if (from < to) bytes.AsSpan((int)(from - at), (int)(to - from)).CopyTo(buffer.Span[(int)(from - offset)..]);
        }
        return default;
    }

    public override ValueTask DisposeAsync() => default;
}
