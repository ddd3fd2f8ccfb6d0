using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>The known elements of an object or of an item, with methods that read their values as the wanted type.</summary>
sealed class DicomDataset(long offset)
{
    // A microscopy object has about 40 elements at its top and 5 in an item: a list is smaller than a dictionary and as fast.
    readonly List<DicomElement> elements = [];

    /// <summary>Where the data set begins in the object.</summary>
    public long Offset { get; } = offset;

    /// <summary>Adds an element. If the tag is there already, the first element stays, as in other viewers.</summary>
    public void Add(DicomElement element)
    {
        if (Find(element.Tag) is null) elements.Add(element);
    }

    public DicomElement? Find(int tag)
    {
        foreach (var element in elements)
            if (element.Tag == tag) return element;
        return null;
    }

    /// <summary>The items of a sequence; none if it is absent.</summary>
    public IReadOnlyList<DicomDataset> Items(int tag) => Find(tag)?.Items ?? [];

    /// <summary>The only or first item of a sequence.</summary>
    public DicomDataset? Item(int tag) => Items(tag) is [var first, ..] ? first : null;

    /// <summary>The text without its padding; null if it is absent or empty.</summary>
    public string? Text(int tag, Encoding? encoding = null)
    {
        if (Find(tag) is not { Value.Length: > 0 } element) return null;
        var text = (encoding ?? Encoding.Latin1).GetString(element.Value.Span).Trim(' ', '\0');
        return text.Length > 0 ? text : null;
    }

    /// <summary>One of the backslash-separated values of a text; null if the one at <paramref name="index"/> is absent or empty.</summary>
    public string? Text(int tag, int index) =>
        Text(tag)?.Split('\\') is { } values && index < values.Length && values[index].Trim() is { Length: > 0 } value ? value : null;

    /// <summary>An integer, of any value representation; null if it is absent or not an integer.</summary>
    public long? Integer(int tag)
    {
        if (Find(tag) is not { } element) return null;
        var value = element.Value.Span;
        return element.Vr switch
        {
            DicomVr.US when value.Length >= 2 => BinaryPrimitives.ReadUInt16LittleEndian(value),
            DicomVr.SS when value.Length >= 2 => BinaryPrimitives.ReadInt16LittleEndian(value),
            DicomVr.UL when value.Length >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(value),
            DicomVr.SL when value.Length >= 4 => BinaryPrimitives.ReadInt32LittleEndian(value),
            DicomVr.IS or DicomVr.DS => long.TryParse(Text(tag, 0), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            _ => null,
        };
    }

    /// <summary>A number from a text or a float; null if it is absent, not a number, or not finite.</summary>
    public double? Number(int tag, int index = 0)
    {
        if (Find(tag) is not { } element) return null;
        var value = element.Value.Span;
        double? number = element.Vr switch
        {
            DicomVr.FL when value.Length >= 4 * (index + 1) => BinaryPrimitives.ReadSingleLittleEndian(value[(4 * index)..]),
            DicomVr.FD when value.Length >= 8 * (index + 1) => BinaryPrimitives.ReadDoubleLittleEndian(value[(8 * index)..]),
            DicomVr.DS or DicomVr.IS => double.TryParse(Text(tag, index), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
            _ => null,
        };
        return number is { } found && double.IsFinite(found) ? found : null;
    }

    /// <summary>An integer in a range, or <paramref name="missing"/> if it is absent.</summary>
    /// <exception cref="SlideFormatException">The value is absent without a default, or outside the range.</exception>
    public int Size(int tag, int least, int most, int? missing = null)
    {
        var element = Find(tag);
        if (Integer(tag) is not { } value)
            return element is null && missing is { } or ? or : throw new SlideFormatException(
                $"{DicomTag.Name(tag)} is {(element is null ? "missing" : "not an integer")}; expected {least} to {most}. The object is incomplete: export it again.", element?.Offset ?? Offset, tag);
        if (value < least || value > most)
            throw new SlideFormatException($"{DicomTag.Name(tag)} is {value}; expected {least} to {most}.", element!.Offset, tag);
        return (int)value;
    }
}
