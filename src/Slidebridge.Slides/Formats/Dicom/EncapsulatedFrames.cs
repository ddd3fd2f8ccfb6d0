using System.Buffers.Binary;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>Encapsulated pixels: the first item is the Basic Offset Table, or empty; then an item for each fragment. PS3.5 §A.4.</summary>
static class EncapsulatedFrames
{
    /// <summary>Bytes of an item's tag and length.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Chooses how frames are found: by the Extended Offset Table, by the Basic Offset Table, or, if neither fits, by a walk from item to item.</summary>
    /// <param name="slide">The object.</param>
    /// <param name="offset">The offset of the pixels' value.</param>
    /// <param name="length">The value's length; -1 if it is undefined, as it should be.</param>
    /// <param name="frames">The stated number of frames.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<FrameIndex> OpenAsync(DicomObject slide, long offset, long length, int frames, CancellationToken cancellationToken)
    {
        var source = slide.Source;
        var end = length < 0 ? source.Length : Math.Min(offset + length, source.Length);
        var table = await ReadItemAsync(source, offset, end, cancellationToken)
            ?? throw new SlideFormatException("The encapsulated pixels are empty. The object is incomplete: export it again.", offset, DicomTag.PixelData);
        var first = offset + HeaderBytes + table;

        if (slide.Dataset.Find(DicomTag.ExtendedOffsetTable) is { } offsets && slide.Dataset.Find(DicomTag.ExtendedOffsetTableLengths) is { } lengths)
        {
            if (offsets.Length != frames * 8L || lengths.Length != frames * 8L)
                throw new SlideFormatException($"{DicomTag.Name(DicomTag.ExtendedOffsetTable)} and its lengths have {offsets.Length / 8} and {lengths.Length / 8} values; the object has {frames} frames.", offsets.Offset, DicomTag.ExtendedOffsetTable);
            return new ExtendedTable(source, new OffsetTable(source, offsets.Offset, frames, 8), new OffsetTable(source, lengths.Offset, frames, 8), first, end);
        }
        // A table of another length cannot be trusted; the items can.
        return table == frames * 4L
            ? new BasicTable(source, new OffsetTable(source, offset + HeaderBytes, frames, 4), frames, first, end)
            : new WalkedFrames(source, frames, slide.Syntax.Compression, first, end);
    }

    /// <summary>The length of the item at <paramref name="offset"/>; null at the end of the sequence.</summary>
    public static async ValueTask<long?> ReadItemAsync(ByteSource source, long offset, long end, CancellationToken cancellationToken)
    {
        if (offset > end - HeaderBytes) throw new SlideFormatException($"The pixels end at byte {end} in the middle of a frame. The object is truncated: copy it again.", offset, DicomTag.PixelData);
        var header = new byte[HeaderBytes];
        await source.ReadAsync(offset, header, cancellationToken);
        return ItemLength(header, offset, end);
    }

    /// <summary>The same, from bytes that were already read.</summary>
    public static long? ItemLength(ReadOnlySpan<byte> header, long offset, long end)
    {
        var tag = BinaryPrimitives.ReadUInt16LittleEndian(header) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (tag == DicomTag.SequenceEnd) return null;
        if (tag != DicomTag.Item)
            throw new SlideFormatException($"There is {DicomTag.Name(tag)} where an item of the pixels was expected. The object is damaged.", offset, DicomTag.PixelData);
        if (length > end - offset - HeaderBytes)
            throw new SlideFormatException($"A fragment has a stated length of {length} bytes, but the pixels end after {end - offset - HeaderBytes} bytes. The object is damaged or truncated: copy it again.", offset, DicomTag.PixelData);
        return length;
    }

    /// <summary>Joins a frame's fragments in place: removes the header before each fragment, and any bytes after the last. Returns the number of bytes left.</summary>
    public static int Join(Span<byte> bytes)
    {
        int from = 0, to = 0;
        while (bytes.Length - from >= HeaderBytes)
        {
            var tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes[from..]) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(bytes[(from + 2)..]);
            if (tag == DicomTag.SequenceEnd) break;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(from + 4)..]);
            from += HeaderBytes;
            // An extended table may give the length of an odd frame without its padding byte.
            if (tag != DicomTag.Item || length > bytes.Length - from + 1)
                throw new SlideFormatException("the offset table does not point to an item of the pixels. The object is damaged.");
            var count = (int)Math.Min(length, bytes.Length - from);
            bytes.Slice(from, count).CopyTo(bytes[to..]);
            (from, to) = (from + count, to + count);
        }
        return to;
    }
}
