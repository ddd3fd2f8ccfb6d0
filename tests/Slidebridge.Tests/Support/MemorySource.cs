using Slidebridge.Slides;

namespace Slidebridge.Tests.Support;

/// <summary>A slide in memory.</summary>
sealed class MemorySource(byte[] bytes) : ByteSource
{
    public override long Length => bytes.Length;

    public override SourceUsage Usage => default;

    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckRange(offset, buffer.Length);
        bytes.AsMemory((int)offset, buffer.Length).CopyTo(buffer);
        return default;
    }

    public override ValueTask DisposeAsync() => default;
}
