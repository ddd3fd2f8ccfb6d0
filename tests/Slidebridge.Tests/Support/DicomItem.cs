using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Slidebridge.Tests.Support;

/// <summary>The elements of a data set or an item, as they are to be written: nothing is checked, so that a test can lie.</summary>
sealed class DicomItem
{
    /// <summary>An element: its bytes, or the items of a sequence.</summary>
    public sealed record Element(string Vr, byte[] Bytes, List<DicomItem>? Items = null);

    public SortedDictionary<uint, Element> Elements { get; } = [];

    public DicomItem Set(uint tag, string vr, byte[] bytes)
    {
        Elements[tag] = new Element(vr, bytes);
        return this;
    }

    public DicomItem Text(uint tag, string vr, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Set(tag, vr, bytes.Length % 2 == 0 ? bytes : [.. bytes, vr == "UI" ? (byte)0 : (byte)' ']);
    }

    public DicomItem Short(uint tag, int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        return Set(tag, "US", bytes);
    }

    public DicomItem Long(uint tag, long value, string vr = "UL")
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        return Set(tag, vr, bytes);
    }

    public DicomItem Number(uint tag, params double[] values) => Text(tag, "DS", string.Join('\\', values.Select(value => value.ToString(CultureInfo.InvariantCulture))));

    public DicomItem Sequence(uint tag, params DicomItem[] items)
    {
        Elements[tag] = new Element("SQ", [], [.. items]);
        return this;
    }

    public DicomItem Remove(uint tag)
    {
        Elements.Remove(tag);
        return this;
    }

    public DicomItem Copy()
    {
        var copy = new DicomItem();
        foreach (var (tag, element) in Elements) copy.Elements[tag] = element with { Items = element.Items?.Select(item => item.Copy()).ToList() };
        return copy;
    }
}
