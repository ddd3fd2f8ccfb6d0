namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A long integer field (TileOffsets, TileByteCounts), fetched page by page as tiles are asked for. Safe for concurrent readers.</summary>
sealed class TiffArray(TiffDirectory directory, TiffEntry entry)
{
    // Values in a page: 4 KiB of classic offsets, about a row of tiles of a large slide.
    const int PageValues = 1024;

    readonly Dictionary<long, long[]> pages = [];
    readonly Lock gate = new();

    public long Count => entry.Count;

    public async ValueTask<long> GetAsync(long index, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var (page, place) = Math.DivRem(index, PageValues);
        long[]? values;
        lock (gate) pages.TryGetValue(page, out values);
        if (values is null)
        {
            values = await ReadAsync(page * PageValues, cancellationToken);
            lock (gate) pages.TryAdd(page, values);
        }
        return values[place];
    }

    async ValueTask<long[]> ReadAsync(long first, CancellationToken cancellationToken)
    {
        var reader = directory.Reader;
        var count = (int)Math.Min(PageValues, Count - first);
        // The count may be hostile; the product below cannot overflow once the source is known to be that long.
        if (entry.Offset >= 0 && first > (reader.Source.Length - entry.Offset) / entry.ValueBytes)
            throw new SlideFormatException($"{TiffTag.Name(entry.Tag)} reaches beyond the slide's end.", entry.Offset, entry.Tag);
        var bytes = entry.Offset < 0
            ? entry.Inline.Slice((int)first * entry.ValueBytes, count * entry.ValueBytes)
            : await reader.ReadAsync(entry.Offset + first * entry.ValueBytes, count * entry.ValueBytes, cancellationToken);
        var values = new long[count];
        for (var i = 0; i < count; i++) values[i] = entry.Integer(reader, bytes.Span[(i * entry.ValueBytes)..]);
        return values;
    }
}
