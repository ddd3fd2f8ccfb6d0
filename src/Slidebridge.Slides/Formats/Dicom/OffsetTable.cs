using System.Buffers.Binary;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>A table of offsets or lengths.</summary>
/// <param name="source">The object.</param>
/// <param name="offset">The offset of its first value; the caller has checked that the source contains all of them.</param>
/// <param name="count">The number of values.</param>
/// <param name="valueBytes">4 or 8.</param>
sealed class OffsetTable(ByteSource source, long offset, int count, int valueBytes) : PagedValues(count)
{
    protected override async ValueTask<long[]> ReadAsync(long first, int count, CancellationToken cancellationToken)
    {
        var values = new long[count];
        var bytes = new byte[values.Length * valueBytes];
        await source.ReadAsync(offset + first * valueBytes, bytes, cancellationToken);
        for (var i = 0; i < values.Length; i++)
            // A value of 2⁶³ or more becomes negative and fails every bounds check.
            values[i] = valueBytes == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4)) : BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * 8));
        return values;
    }
}

/// <summary>Frames by the Basic Offset Table: each ends where the next begins. PS3.5 §A.4.</summary>
sealed class BasicTable(ByteSource source, OffsetTable offsets, int frames, long first, long limit) : FrameIndex
{
    // Maximum fragments of the last frame, which has no next frame that limits it. An object with more is malicious.
    const int MostFragments = 4096;

    long lastEnd;

    public override async ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken)
    {
        var start = first + await offsets.GetAsync(frame, cancellationToken);
        var end = frame + 1 < frames ? first + await offsets.GetAsync(frame + 1, cancellationToken) : await LastEndAsync(start, cancellationToken);
        return Check(source, frame, start, end, first, limit);
    }

    async ValueTask<long> LastEndAsync(long start, CancellationToken cancellationToken)
    {
        if (Interlocked.Read(ref lastEnd) is not 0 and var known) return known;
        var at = start;
        for (var fragments = 0; at < limit; fragments++)
        {
            if (fragments == MostFragments) throw new SlideFormatException($"The last frame has more than {MostFragments} fragments. The object is damaged.", at, DicomTag.PixelData);
            if (await EncapsulatedFrames.ReadItemAsync(source, at, limit, cancellationToken) is not { } length) break;
            at += EncapsulatedFrames.HeaderBytes + length;
        }
        Interlocked.Exchange(ref lastEnd, at);
        return at;
    }
}

/// <summary>Frames by the Extended Offset Table; each frame is one fragment. PS3.3 C.7.6.3.1.8.</summary>
sealed class ExtendedTable(ByteSource source, OffsetTable offsets, OffsetTable lengths, long first, long limit) : FrameIndex
{
    public override async ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken)
    {
        var offset = await offsets.GetAsync(frame, cancellationToken);
        var length = await lengths.GetAsync(frame, cancellationToken);
        if (offset < 0 || offset > limit - first || length <= 0 || length > limit - first - offset - EncapsulatedFrames.HeaderBytes)
            throw new SlideFormatException($"Frame {frame + 1} begins {offset} bytes into the pixels and has {length} bytes; the pixels have {limit - first} bytes. The object is damaged or truncated: copy it again.", first, DicomTag.ExtendedOffsetTable);
        return new TileLocation(source, first + offset, EncapsulatedFrames.HeaderBytes + length);
    }
}
