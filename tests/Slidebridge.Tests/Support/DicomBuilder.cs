using System.Buffers.Binary;
using System.Text;

namespace Slidebridge.Tests.Support;

/// <summary>How an encapsulated frame is found.</summary>
public enum DicomOffsets { None, Basic, Extended }

/// <summary>How a DICOM object is written: everything a reader must not depend on.</summary>
/// <param name="Syntax">The transfer syntax's UID.</param>
/// <param name="Undefined">Sequences and items of undefined length.</param>
/// <param name="Offsets">Of encapsulated frames.</param>
/// <param name="Fragments">Of each encapsulated frame.</param>
public sealed record DicomLayout(string Syntax = DicomSyntax.Explicit, bool Undefined = false, DicomOffsets Offsets = DicomOffsets.Basic, int Fragments = 1);

public static class DicomSyntax
{
    public const string
        Implicit = "1.2.840.10008.1.2", Explicit = "1.2.840.10008.1.2.1", Deflated = "1.2.840.10008.1.2.1.99", BigEndian = "1.2.840.10008.1.2.2",
        Jpeg = "1.2.840.10008.1.2.4.50", JpegLossless = "1.2.840.10008.1.2.4.70", JpegLs = "1.2.840.10008.1.2.4.80", Jpeg2000 = "1.2.840.10008.1.2.4.90",
        HtJpeg2000 = "1.2.840.10008.1.2.4.201", Rle = "1.2.840.10008.1.2.5";
}

/// <summary>Writes one DICOM object.</summary>
sealed class DicomBuilder(DicomLayout layout)
{
    public DicomItem Dataset { get; init; } = new();

    /// <summary>Encoded, in order; native ones are written one after the other.</summary>
    public List<byte[]> Frames { get; init; } = [];

    /// <summary>Bytes after the pixels' first: what a test changes in them.</summary>
    public Action<byte[]>? Damage { get; init; }

    bool Implicit => layout.Syntax == DicomSyntax.Implicit;

    bool Native => layout.Syntax is DicomSyntax.Implicit or DicomSyntax.Explicit;

    public byte[] Build()
    {
        var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        var meta = new DicomItem()
            .Set(0x00020001, "OB", [0, 1])
            .Text(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.77.1.6")
            .Text(0x00020003, "UI", "2.25.1")
            .Text(0x00020010, "UI", layout.Syntax)
            .Text(0x00020012, "UI", "2.25.2");
        var bytes = new MemoryStream();
        WriteElements(bytes, meta, false);
        WriteElements(file, new DicomItem().Long(0x00020000, bytes.Length), false);
        file.Write(bytes.ToArray());

        var dataset = Dataset;
        if (!Native && layout.Offsets == DicomOffsets.Extended)
        {
            dataset = Dataset.Copy();
            dataset.Set(0x7FE00001, "OV", Table(8)).Set(0x7FE00002, "OV", Values(Frames.Select(frame => (long)frame.Length), 8));
        }
        WriteElements(file, dataset, Implicit);
        if (Native) WriteElement(file, 0x7FE00010, new DicomItem.Element("OB", [.. Frames.SelectMany(frame => frame), .. new byte[Frames.Sum(frame => frame.Length) % 2]]), Implicit);
        else WriteEncapsulated(file);
        var built = file.ToArray();
        Damage?.Invoke(built);
        return built;
    }

    void WriteEncapsulated(MemoryStream file)
    {
        WriteHeader(file, 0x7FE00010, "OB", uint.MaxValue, false);
        WriteItem(file, layout.Offsets == DicomOffsets.Basic ? Table(4) : []);
        foreach (var frame in Frames)
            foreach (var fragment in Split(frame)) WriteItem(file, fragment);
        file.Write([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    }

    IEnumerable<byte[]> Split(byte[] frame)
    {
        var length = (frame.Length / layout.Fragments + 1) & ~1;
        for (var i = 0; i < layout.Fragments; i++)
        {
            var fragment = i == layout.Fragments - 1 ? frame[(i * length)..] : frame[(i * length)..((i + 1) * length)];
            yield return fragment.Length % 2 == 0 ? fragment : [.. fragment, 0];
        }
    }

    byte[] Table(int valueBytes)
    {
        var offsets = new List<long>();
        long at = 0;
        foreach (var frame in Frames)
        {
            offsets.Add(at);
            at += Split(frame).Sum(fragment => fragment.Length + 8L);
        }
        return Values(offsets, valueBytes);
    }

    static byte[] Values(IEnumerable<long> values, int valueBytes) => [.. values.SelectMany(value => BitConverter.GetBytes(value)[..valueBytes])];

    static void WriteItem(MemoryStream file, byte[] bytes)
    {
        file.Write([0xFE, 0xFF, 0x00, 0xE0, .. BitConverter.GetBytes(bytes.Length)]);
        file.Write(bytes);
    }

    void WriteElements(MemoryStream file, DicomItem item, bool isImplicit)
    {
        foreach (var (tag, element) in item.Elements) WriteElement(file, tag, element, isImplicit);
    }

    void WriteElement(MemoryStream file, uint tag, DicomItem.Element element, bool isImplicit)
    {
        if (element.Items is not { } items)
        {
            WriteHeader(file, tag, element.Vr, (uint)element.Bytes.Length, isImplicit);
            file.Write(element.Bytes);
            return;
        }
        var body = new MemoryStream();
        foreach (var item in items)
        {
            var inner = new MemoryStream();
            WriteElements(inner, item, isImplicit);
            body.Write([0xFE, 0xFF, 0x00, 0xE0, .. BitConverter.GetBytes(layout.Undefined ? -1 : (int)inner.Length)]);
            body.Write(inner.ToArray());
            if (layout.Undefined) body.Write([0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0]);
        }
        WriteHeader(file, tag, "SQ", layout.Undefined ? uint.MaxValue : (uint)body.Length, isImplicit);
        file.Write(body.ToArray());
        if (layout.Undefined) file.Write([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    }

    static void WriteHeader(MemoryStream file, uint tag, string vr, uint length, bool isImplicit)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)tag);
        var count = 8;
        if (isImplicit) BinaryPrimitives.WriteUInt32LittleEndian(header[4..], length);
        else
        {
            Encoding.ASCII.GetBytes(vr, header[4..]);
            header[6..].Clear();
            if (vr is "OB" or "OW" or "OV" or "SQ" or "UN" or "UT" or "UC") BinaryPrimitives.WriteUInt32LittleEndian(header[8..], length);
            else BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)length);
            if (vr is "OB" or "OW" or "OV" or "SQ" or "UN" or "UT" or "UC") count = 12;
        }
        file.Write(header[..count]);
    }
}
