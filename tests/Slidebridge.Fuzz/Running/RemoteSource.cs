using Slidebridge.Slides;

namespace Slidebridge.Fuzz.Running;

/// <summary>A slide in memory that is read as one behind a URL is: ahead, by ranges, and never at once.</summary>
sealed class RemoteSource(byte[] bytes) : ByteSource
{
    public override long Length => bytes.Length;

    public override SourceUsage Usage => default;

    public override int PreferredConcurrency => 4;

    public override long PrefetchBytes => 4 * 1024 * 1024;

    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        await Task.Yield();
        bytes.AsMemory((int)offset, buffer.Length).CopyTo(buffer);
    }

    public override async ValueTask PrefetchAsync(IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken = default)
    {
        foreach (var range in ranges) CheckRange(range.Offset, range.Length);
        var asked = ranges.Sum(range => range.Length);
        if (asked > PrefetchBytes) throw new InvalidOperationException($"{asked} bytes were asked for ahead; at most {PrefetchBytes}.");
        await Task.Yield();
    }

    public override ValueTask DisposeAsync() => default;
}
