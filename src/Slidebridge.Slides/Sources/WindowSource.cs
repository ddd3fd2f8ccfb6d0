namespace Slidebridge.Slides.Sources;

/// <summary>A part of another source, such as a stored entry of a zip. The owner of the other source closes it; the other source counts the reads.</summary>
sealed class WindowSource(ByteSource whole, long start, long length) : ByteSource
{
    public override long Length { get; } = length;

    public override SourceUsage Usage => default;

    public override int PreferredConcurrency => whole.PreferredConcurrency;

    public override long PrefetchBytes => whole.PrefetchBytes;

    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        return whole.ReadAsync(start + offset, buffer, cancellationToken);
    }

    public override ValueTask PrefetchAsync(IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken = default)
    {
        foreach (var range in ranges) CheckRange(range.Offset, range.Length);
        return whole.PrefetchAsync([.. ranges.Select(InWhole)], cancellationToken);
    }

    public override void Withhold(ByteRange known, IReadOnlyList<ByteRange> withhold) => whole.Withhold(InWhole(known), [.. withhold.Select(InWhole)]);

    internal override (ByteSource Opened, IReadOnlyList<ByteRange> Bytes) PlaceOf(IReadOnlyList<ByteRange> bytes) => whole.PlaceOf([.. bytes.Select(InWhole)]);

    public override ValueTask DisposeAsync() => default;

    ByteRange InWhole(ByteRange range) => range with { Offset = start + range.Offset };
}
