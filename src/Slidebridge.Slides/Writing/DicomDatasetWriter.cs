using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Slidebridge.Slides.Formats.Dicom;

namespace Slidebridge.Slides.Writing;

/// <summary>Writes a data set in explicit little endian with defined lengths; elements are ordered by tag. PS3.5 §7.1.2.</summary>
sealed class DicomDatasetWriter
{
    readonly SortedDictionary<uint, byte[]> elements = [];

    /// <summary>Text; several values are separated by backslashes; empty if the value is not known (type 2).</summary>
    public DicomDatasetWriter Text(uint tag, ushort vr, string value = "")
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        // PS3.5 §6.2: even length; UIDs are padded with a zero byte, text with a space.
        return Element(tag, vr, bytes.Length % 2 == 0 ? bytes : [.. bytes, (byte)(vr == DicomVr.UI ? 0 : ' ')]);
    }

    /// <summary>Decimal text of at most 16 characters per value.</summary>
    public DicomDatasetWriter Decimal(uint tag, params double[] values) => Text(tag, DicomVr.DS, string.Join('\\', values.Select(Decimal)));

    public DicomDatasetWriter Short(uint tag, int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
        return Element(tag, DicomVr.US, bytes);
    }

    public DicomDatasetWriter Long(uint tag, long value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, checked((uint)value));
        return Element(tag, DicomVr.UL, bytes);
    }

    public DicomDatasetWriter Float(uint tag, double value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
        return Element(tag, DicomVr.FL, bytes);
    }

    public DicomDatasetWriter Bytes(uint tag, ushort vr, byte[] value) => Element(tag, vr, value.Length % 2 == 0 ? value : [.. value, 0]);

    public DicomDatasetWriter Sequence(uint tag, params DicomDatasetWriter[] items)
    {
        var body = new MemoryStream();
        foreach (var item in items)
        {
            var bytes = item.ToArray();
            body.Write([0xFE, 0xFF, 0x00, 0xE0]);
            body.Write(BitConverter.GetBytes(bytes.Length));
            body.Write(bytes);
        }
        return Element(tag, DicomVr.SQ, body.ToArray());
    }

    /// <summary>A sequence of one coded concept. PS3.3 §8.</summary>
    public DicomDatasetWriter Code(uint tag, string value, string scheme, string meaning) => Sequence(tag, new DicomDatasetWriter()
        .Text(0x00080100, DicomVr.SH, value).Text(0x00080102, DicomVr.SH, scheme).Text(0x00080104, DicomVr.LO, meaning));

    public byte[] ToArray()
    {
        var bytes = new MemoryStream();
        foreach (var element in elements.Values) bytes.Write(element);
        return bytes.ToArray();
    }

    /// <summary>The offset of an element's value in <see cref="ToArray"/>: for values that are known only after the pixels are written.</summary>
    public long OffsetOfValue(uint tag) =>
        elements.Where(each => each.Key < tag).Sum(each => (long)each.Value.Length) + (DicomVr.HasLongLength(BinaryPrimitives.ReadUInt16BigEndian(elements[tag].AsSpan(4))) ? 12 : 8);

    DicomDatasetWriter Element(uint tag, ushort vr, byte[] value)
    {
        var isLong = DicomVr.HasLongLength(vr);
        var element = new byte[(isLong ? 12 : 8) + value.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(element.AsSpan(2), (ushort)tag);
        BinaryPrimitives.WriteUInt16BigEndian(element.AsSpan(4), vr);
        if (isLong) BinaryPrimitives.WriteInt32LittleEndian(element.AsSpan(8), value.Length);
        else BinaryPrimitives.WriteUInt16LittleEndian(element.AsSpan(6), checked((ushort)value.Length));
        value.CopyTo(element.AsSpan(element.Length - value.Length));
        elements[tag] = element;
        return this;
    }

    static string Decimal(double value)
    {
        for (var digits = 15; digits > 6; digits--)
            if (value.ToString($"G{digits}", CultureInfo.InvariantCulture) is { Length: <= 16 } text) return text;
        return value.ToString("E7", CultureInfo.InvariantCulture);
    }
}
