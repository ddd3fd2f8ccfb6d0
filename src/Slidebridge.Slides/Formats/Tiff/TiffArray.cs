namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A long integer field: TileOffsets, TileByteCounts.</summary>
sealed class TiffArray(TiffDirectory directory, TiffEntry entry) : PagedValues(entry.Count)
{
    protected override async ValueTask<long[]> ReadAsync(long first, int count, CancellationToken cancellationToken)
    {
        var reader = directory.Reader;
        // The count may be hostile. The product below cannot overflow once the source is known to be long enough.
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
