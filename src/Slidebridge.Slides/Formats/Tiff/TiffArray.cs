namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A long integer field: TileOffsets, TileByteCounts.</summary>
sealed class TiffArray(TiffDirectory directory, TiffEntry entry) : PagedValues(entry.Count)
{
    /// <summary>True if the values are in the field itself, so that reading them needs no request.</summary>
    public bool IsInline => entry.Offset < 0;

    /// <summary>Where the values lie; an empty range if they are in the field itself, or reach beyond the source.</summary>
    public ByteRange Place => entry.Offset < 0 || Count > (directory.Reader.Source.Length - entry.Offset) / entry.ValueBytes ? default : new ByteRange(entry.Offset, Count * entry.ValueBytes);

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
