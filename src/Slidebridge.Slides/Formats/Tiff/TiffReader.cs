using System.Buffers.Binary;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A TIFF's bytes with its byte order and offset size. TIFF 6.0 §2; BigTIFF, Aware Systems 2004.</summary>
/// <param name="Source">The bytes.</param>
/// <param name="BigEndian">True for <c>MM</c>.</param>
/// <param name="Big">True for BigTIFF: offsets and counts of 8 bytes.</param>
/// <param name="FirstDirectory">The offset of the first directory.</param>
sealed record TiffReader(ByteSource Source, bool BigEndian, bool Big, long FirstDirectory)
{
    const int Classic = 42, BigTiff = 43;

    /// <summary>Receives warnings about what is repaired, skipped or doubtful.</summary>
    public SlideWarnings Warnings { get; private init; } = new();

    /// <summary>True if only bytes are read that certainly belong to a directory: those after it may be a label. See <see cref="TiffDirectories"/>.</summary>
    public bool IsExact { get; init; }

    /// <summary>Bytes of a directory entry.</summary>
    public int EntryBytes => Big ? 20 : 12;

    /// <summary>Bytes of an offset, and of an inline value.</summary>
    public int OffsetBytes => Big ? 8 : 4;

    /// <summary>Reads the header; null if it is not a TIFF header.</summary>
    /// <param name="slide">The object.</param>
    /// <param name="warnings">Receives warnings about what is repaired, skipped or doubtful; null for none.</param>
    public static TiffReader? TryOpen(SlideObject slide, SlideWarnings? warnings = null)
    {
        var head = slide.Head.Span;
        if (head.Length < 8) return null;
        var bigEndian = head[0] == 'M' && head[1] == 'M';
        if (!bigEndian && !(head[0] == 'I' && head[1] == 'I')) return null;
        var version = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(head[2..]) : BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
        if (version is not (Classic or BigTiff)) return null;

        var reader = new TiffReader(slide.Source, bigEndian, version == BigTiff, 0) { Warnings = warnings ?? new() };
        if (!reader.Big) return reader with { FirstDirectory = reader.UInt32(head[4..]) };
        if (head.Length < 16) throw new SlideFormatException("A BigTIFF header needs 16 bytes; the slide has {head.Length}.", 8);
        if (reader.UInt16(head[4..]) != 8 || reader.UInt16(head[6..]) != 0)
            throw new SlideFormatException($"The BigTIFF header states offsets of {reader.UInt16(head[4..])} bytes; expected 8.", 4);
        return reader with { FirstDirectory = reader.Offset(head[8..]) };
    }

    public ushort UInt16(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public uint UInt32(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public ulong UInt64(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    /// <summary>An offset or count of this file's size. A value of 2⁶³ or more becomes the largest long and fails every bounds check.</summary>
    public long Offset(ReadOnlySpan<byte> bytes) => Big ? (long)Math.Min(UInt64(bytes), long.MaxValue) : UInt32(bytes);

    /// <summary>Reads <paramref name="count"/> bytes, after a check that the slide has them.</summary>
    public async ValueTask<byte[]> ReadAsync(long offset, int count, CancellationToken cancellationToken)
    {
        if (offset < 0 || offset > Source.Length - count)
            throw new SlideFormatException($"The TIFF points to bytes {offset} to {(Int128)offset + count}, but the slide has {Source.Length}. It is damaged or truncated: copy it again.", offset);
        var bytes = new byte[count];
        await Source.ReadAsync(offset, bytes, cancellationToken);
        return bytes;
    }
}
