using System.Buffers.Binary;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Reads one Part 10 object up to its pixels (PS3.10 §7, PS3.5 §7):
/// 1. the file meta information, always explicit little endian, names the transfer syntax;
/// 2. the data set: known elements are kept, all others are skipped, long ones without reading them;
/// 3. the positions of sparse frames are read from their items one by one; no item is kept;
/// 4. reading stops where the pixels begin.
/// </summary>
sealed class DicomParser
{
    const int Preamble = 128;

    // The IOD nests at most ten deep (specimen preparation); the rest is a margin.
    const int DeepestItem = 32;

    // A longer value is read on request (an ICC profile), or not at all.
    const int LongestValue = 64 * 1024;

    // Maximum bytes of the kept elements of one object: a hundred times what a real one has.
    const int MostKept = 8 * 1024 * 1024;

    // Memory of an element or item besides its value.
    const int Overhead = 128;

    readonly DicomCursor cursor;

    // Reading stops after the first element of the top level that is not before this one.
    readonly int last;
    FramePositions? positions;
    long kept;

    DicomParser(DicomCursor cursor, int last = int.MaxValue) => (this.cursor, this.last) = (cursor, last);

    /// <summary>An element's tag, its value representation, the length of its value (-1: undefined), and its offset.</summary>
    readonly record struct Header(int Tag, ushort Vr, long Length, long Offset);

    /// <summary>True if the bytes have the magic at the end of the preamble, as every Part 10 object has.</summary>
    public static bool Knows(SlideObject slide) => slide.StartsWith("DICM"u8, Preamble);

    /// <summary>Reads an object for which <see cref="Knows"/> is true.</summary>
    /// <exception cref="SlideFormatException">The object is damaged, or its transfer syntax is not supported.</exception>
    public static async Task<DicomObject> ReadAsync(SlideObject slide, CancellationToken cancellationToken)
    {
        var parser = new DicomParser(new DicomCursor(slide.Source, Preamble));
        parser.cursor.Skip(4);
        var meta = await parser.ReadMetaAsync(cancellationToken);
        var syntax = TransferSyntax.Find(meta.Text(DicomTag.TransferSyntaxUid), meta.Offset);
        var dataset = new DicomDataset(parser.cursor.Position);
        var pixels = await parser.ReadElementsAsync(dataset, -1, syntax.IsImplicit, 0, cancellationToken);
        return new DicomObject(slide.Number, slide.Source, syntax, dataset, pixels is { } found ? (found.Offset, found.Length) : null, parser.positions);
    }

    /// <summary>Reads an object only up to its ImageType, in small pieces: it may be a label.</summary>
    /// <returns>ImageType's data set, and the offset of the first byte that was not read.</returns>
    /// <exception cref="SlideFormatException">The object is damaged, or its transfer syntax is not supported.</exception>
    public static async Task<(DicomDataset Dataset, long Unread)> ReadImageTypeAsync(SlideObject slide, CancellationToken cancellationToken)
    {
        const int Begin = Preamble + 4, Window = SlideObject.DicomBytes - Begin;
        var parser = new DicomParser(new DicomCursor(slide.Source, Begin, Window, Window), DicomTag.ImageType);
        var meta = await parser.ReadMetaAsync(cancellationToken);
        var dataset = new DicomDataset(parser.cursor.Position);
        await parser.ReadElementsAsync(dataset, -1, TransferSyntax.Find(meta.Text(DicomTag.TransferSyntaxUid), meta.Offset).IsImplicit, 0, cancellationToken);
        return (dataset, Math.Max(parser.cursor.ReadUpTo, Math.Min(SlideObject.DicomBytes, slide.Source.Length)));
    }

    // Group 0002 ends where another group begins; its stated length is often wrong, and not needed.
    async Task<DicomDataset> ReadMetaAsync(CancellationToken cancellationToken)
    {
        var meta = new DicomDataset(cursor.Position);
        while (cursor.Position < cursor.Length)
        {
            var group = BinaryPrimitives.ReadUInt16LittleEndian((await cursor.PeekAsync(2, cancellationToken)).Span);
            if (group != 2) break;
            var header = await ReadHeaderAsync(false, cancellationToken);
            if (header.Length < 0) throw Undefined(header);
            await KeepOrSkipAsync(meta, header, cursor.Length, cancellationToken);
        }
        return meta;
    }

    /// <summary>Reads elements up to <paramref name="end"/>, or to the item's delimiter if that is -1. At the top level, returns the position of the pixels.</summary>
    async ValueTask<(long Offset, long Length)?> ReadElementsAsync(DicomDataset dataset, long end, bool isImplicit, int depth, CancellationToken cancellationToken)
    {
        if (depth > DeepestItem) throw new SlideFormatException($"Sequences are nested more than {DeepestItem} deep. The object is damaged.", cursor.Position);
        while (depth == 0 ? cursor.Position < cursor.Length : cursor.Position != end)
        {
            var header = await ReadHeaderAsync(isImplicit, cancellationToken);
            if (header.Tag == DicomTag.ItemEnd && end < 0 && depth > 0) return null;
            if ((uint)header.Tag >> 16 == 0xFFFE) throw new SlideFormatException($"There is an item or its end where an element was expected. The object is damaged.", header.Offset, header.Tag);
            if (header.Tag == DicomTag.PixelData && depth == 0) return (cursor.Position, header.Length);

            var limit = end < 0 ? cursor.Length : end;
            // A UN element of undefined length is a sequence in implicit little endian, even if the rest is explicit. PS3.5 §6.2.2.
            var innerImplicit = isImplicit || header.Vr == DicomVr.UN;
            if (header.Vr == DicomVr.SQ || header.Length < 0 || (header.Vr == DicomVr.UN && DicomTag.Vr(header.Tag) == DicomVr.SQ))
                await ReadSequenceAsync(dataset, header, limit, innerImplicit, depth, cancellationToken);
            else
                await KeepOrSkipAsync(dataset, header, limit, cancellationToken);
            if (depth == 0 && (uint)header.Tag >= (uint)last) return null;
        }
        return null;
    }

    async ValueTask ReadSequenceAsync(DicomDataset dataset, Header header, long limit, bool isImplicit, int depth, CancellationToken cancellationToken)
    {
        var end = header.Length < 0 ? -1 : CheckEnd(header, limit);
        var isFrames = header.Tag == DicomTag.PerFrameFunctionalGroupsSequence && depth == 0;
        if (isFrames && dataset.Text(DicomTag.DimensionOrganizationType) != "TILED_FULL")
        {
            positions = new FramePositions(header.Offset);
            await ReadItemsAsync(end, limit, isImplicit, depth, positions.Add, isTransient: true, cancellationToken);
        }
        else if (DicomTag.Vr(header.Tag) == DicomVr.SQ && !isFrames)
        {
            var items = new List<DicomDataset>();
            await ReadItemsAsync(end, limit, isImplicit, depth, items.Add, isTransient: false, cancellationToken);
            dataset.Add(new DicomElement(header.Tag, header.Vr, header.Offset, header.Length, default, items));
        }
        else if (end >= 0) cursor.Skip(header.Length);
        else await ReadItemsAsync(end, limit, isImplicit, depth, null, isTransient: true, cancellationToken);
    }

    /// <summary>Reads items into <paramref name="take"/>, which keeps nothing of a transient one; if it is null, skips the items.</summary>
    async ValueTask ReadItemsAsync(long end, long limit, bool isImplicit, int depth, Action<DicomDataset>? take, bool isTransient, CancellationToken cancellationToken)
    {
        while (cursor.Position != end)
        {
            var header = await ReadHeaderAsync(isImplicit, cancellationToken);
            if (header.Tag == DicomTag.SequenceEnd && end < 0) return;
            if (header.Tag != DicomTag.Item)
                throw new SlideFormatException($"There is {DicomTag.Name(header.Tag)} where an item of a sequence was expected. The object is damaged.", header.Offset, header.Tag);
            var itemEnd = header.Length < 0 ? -1 : CheckEnd(header, end < 0 ? limit : end);
            if (take is null && itemEnd >= 0)
            {
                cursor.Skip(header.Length);
                continue;
            }
            var before = kept;
            Charge(0, header);
            var item = new DicomDataset(cursor.Position);
            await ReadElementsAsync(item, itemEnd, isImplicit, depth + 1, cancellationToken);
            take?.Invoke(item);
            if (isTransient) kept = before;
        }
    }

    async ValueTask KeepOrSkipAsync(DicomDataset dataset, Header header, long limit, CancellationToken cancellationToken)
    {
        CheckEnd(header, limit);
        if (DicomTag.Vr(header.Tag) != 0)
        {
            var value = ReadOnlyMemory<byte>.Empty;
            if (header.Length <= LongestValue)
            {
                Charge((int)header.Length, header);
                value = (await cursor.PeekAsync((int)header.Length, cancellationToken)).ToArray();
            }
            dataset.Add(new DicomElement(header.Tag, header.Vr, cursor.Position, header.Length, value, []));
        }
        cursor.Skip(header.Length);
    }

    async ValueTask<Header> ReadHeaderAsync(bool isImplicit, CancellationToken cancellationToken)
    {
        var at = cursor.Position;
        var bytes = (await cursor.PeekAsync(8, cancellationToken)).Span;
        var tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if (isImplicit || (uint)tag >> 16 == 0xFFFE)
        {
            cursor.Skip(8);
            return new Header(tag, DicomTag.Vr(tag), Length(BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..])), at);
        }
        var vr = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (!DicomVr.IsPlausible(vr))
            throw new SlideFormatException($"{DicomTag.Name(tag)} has no value representation (0x{vr:x4}). The object is damaged, or not in its stated transfer syntax.", at, tag);
        if (!DicomVr.HasLongLength(vr))
        {
            cursor.Skip(8);
            return new Header(tag, vr, BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]), at);
        }
        var length = Length(BinaryPrimitives.ReadUInt32LittleEndian((await cursor.PeekAsync(12, cancellationToken)).Span[8..]));
        cursor.Skip(12);
        // Software that does not know an element writes it as UN; the value's bytes are those of its real representation in little endian.
        if (vr == DicomVr.UN && length >= 0 && DicomTag.Vr(tag) is not (0 or DicomVr.SQ) and var known) vr = known;
        var header = new Header(tag, vr, length, at);
        // Text or numbers must not have an undefined length. Bytes of undefined length are fragments; a sequence or UN contains items.
        return length >= 0 || vr is DicomVr.SQ or DicomVr.UN or DicomVr.OB or DicomVr.OW ? header : throw Undefined(header);

        static long Length(uint stored) => stored == uint.MaxValue ? -1 : stored;
    }

    long CheckEnd(Header header, long limit) => header.Length <= limit - cursor.Position
        ? cursor.Position + header.Length
        : throw new SlideFormatException(
            $"{DicomTag.Name(header.Tag)} has a stated length of {header.Length} bytes, but only {limit - cursor.Position} bytes are left in its item or object. The object is damaged or truncated: copy it again.", header.Offset, header.Tag);

    void Charge(int bytes, Header header)
    {
        if ((kept += bytes + Overhead) > MostKept)
            throw new SlideFormatException($"The object's elements take more than {MostKept} bytes. It is damaged.", header.Offset, header.Tag);
    }

    static SlideFormatException Undefined(Header header) =>
        new($"{DicomTag.Name(header.Tag)} has an undefined length, which only sequences and encapsulated pixels may have. The object is damaged.", header.Offset, header.Tag);
}
