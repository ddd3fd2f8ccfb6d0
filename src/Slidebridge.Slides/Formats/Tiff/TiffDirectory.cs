using System.Text;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A directory of fields (IFD): one picture of the file.</summary>
/// <param name="reader">The file.</param>
/// <param name="offset">Where the directory begins.</param>
/// <param name="entries">The fields of known types, by tag.</param>
/// <param name="stated">The number of fields that the directory states.</param>
sealed class TiffDirectory(TiffReader reader, long offset, IReadOnlyDictionary<int, TiffEntry> entries, int stated)
{
    // An ImageDescription of OME-TIFF may have megabytes of XML; no field of a slide is larger than this.
    const int LargestField = 16 * 1024 * 1024;

    public long Offset { get; } = offset;

    public TiffReader Reader { get; } = reader;

    public int Count => entries.Count;

    /// <summary>The directories that <see cref="TiffTag.SubIfds"/> points to.</summary>
    public IReadOnlyList<TiffDirectory> Children { get; private init; } = [];

    public TiffDirectory With(IReadOnlyList<TiffDirectory> children) => new(Reader, Offset, entries, stated) { Children = children };

    /// <summary>The fields, in no particular order.</summary>
    public IEnumerable<TiffEntry> Entries => entries.Values;

    /// <summary>The bytes of the directory and of its fields' values, as far as they lie in the source.</summary>
    public IEnumerable<ByteRange> Places => entries.Values.Select(entry => entry.Place).Append(Fields).Where(place => place is { Offset: > 0, Length: > 0 } && place.Offset <= Reader.Source.Length - place.Length);

    /// <summary>The bytes of the count, the fields and the next directory's offset.</summary>
    public ByteRange Fields => new(Offset, (Reader.Big ? 8 : 2) + (long)stated * Reader.EntryBytes + Reader.OffsetBytes);

    public bool Has(int tag) => entries.ContainsKey(tag);

    public TiffEntry? Entry(int tag) => entries.GetValueOrDefault(tag);

    /// <summary>The first value of an integer field, or null if the field is absent.</summary>
    public async ValueTask<long?> IntegerAsync(int tag, CancellationToken cancellationToken)
    {
        var values = await IntegersAsync(tag, 1, cancellationToken);
        return values.Length == 0 ? null : values[0];
    }

    /// <summary>A required size, from 1 to 2³¹ − 1.</summary>
    public async ValueTask<int> SizeAsync(int tag, CancellationToken cancellationToken) =>
        await IntegerAsync(tag, cancellationToken) switch
        {
            null => throw new SlideFormatException($"{TiffTag.Name(tag)} is missing from the directory at byte {Offset}.", Offset, tag),
            var size and >= 1 and <= int.MaxValue => (int)size,
            var size => throw new SlideFormatException($"{TiffTag.Name(tag)} is {size}; expected 1 to {int.MaxValue}.", Offset, tag),
        };

    /// <summary>Up to <paramref name="most"/> values of an integer field; none if it is absent.</summary>
    public async ValueTask<long[]> IntegersAsync(int tag, int most, CancellationToken cancellationToken)
    {
        if (Entry(tag) is not { } entry) return [];
        if (!entry.IsInteger) throw new SlideFormatException($"{TiffTag.Name(tag)} has field type {entry.Type}; expected an unsigned integer.", Offset, tag);
        var count = (int)Math.Min(entry.Count, most);
        var bytes = await BytesAsync(entry, count, cancellationToken);
        var values = new long[count];
        for (var i = 0; i < count; i++) values[i] = entry.Integer(Reader, bytes.Span[(i * entry.ValueBytes)..]);
        return values;
    }

    /// <summary>The first value of a field as a number, of any type; null if it is absent, not a number, or not finite.</summary>
    public async ValueTask<double?> NumberAsync(int tag, CancellationToken cancellationToken)
    {
        if (Entry(tag) is not { ValueBytes: > 0, Count: >= 1 } entry) return null;
        var bytes = await BytesAsync(entry, 1, cancellationToken);
        return entry.Number(Reader, bytes.Span) is { } number && double.IsFinite(number) ? number : null;
    }

    /// <summary>A text field without a leading byte order mark and white space, up to its first NUL or to <paramref name="most"/> bytes; null if it is absent. If it is not UTF-8, it is read as Latin-1, which older scanners write.</summary>
    public async ValueTask<string?> TextAsync(int tag, CancellationToken cancellationToken, int most = LargestField)
    {
        if (Entry(tag) is not { IsText: true } entry) return null;
        var bytes = (await WholeAsync(entry, most, cancellationToken)).Span;
        if (bytes.IndexOf((byte)0) is >= 0 and var end) bytes = bytes[..end];
        var text = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
        return text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
    }

    /// <summary>A field's bytes; empty if it is absent.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> BlobAsync(int tag, CancellationToken cancellationToken) =>
        Entry(tag) is { } entry ? await WholeAsync(entry, LargestField, cancellationToken) : default;

    async ValueTask<ReadOnlyMemory<byte>> WholeAsync(TiffEntry entry, int most, CancellationToken cancellationToken)
    {
        if (entry.Count > LargestField / Math.Max(1, entry.ValueBytes))
            throw new SlideFormatException($"{TiffTag.Name(entry.Tag)} states {entry.Count} values; at most {LargestField} bytes are read.", Offset, entry.Tag);
        return await BytesAsync(entry, (int)Math.Min(entry.Count, most / Math.Max(1, entry.ValueBytes)), cancellationToken);
    }

    async ValueTask<ReadOnlyMemory<byte>> BytesAsync(TiffEntry entry, int count, CancellationToken cancellationToken) =>
        entry.Offset < 0
            ? entry.Inline[..(count * entry.ValueBytes)]
            : await Reader.ReadAsync(entry.Offset, count * entry.ValueBytes, cancellationToken);
}
