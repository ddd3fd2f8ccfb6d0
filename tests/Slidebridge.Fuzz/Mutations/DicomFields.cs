using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Mutations;

/// <summary>Every element's tag, VR and length, in sequences too, the items' lengths, and values that are short or mean something.</summary>
static class DicomFields
{
    static readonly string[] Vrs = ["OB", "OW", "OV", "SQ", "UN", "UT", "UI", "US", "UL", "SL", "DS", "IS", "CS", "FD", "FL", "LO"];

    static readonly Dictionary<uint, string[]> Texts = new()
    {
        [0x00020010] = [DicomSyntax.Implicit, DicomSyntax.Explicit, DicomSyntax.Jpeg, DicomSyntax.JpegLs, DicomSyntax.Jpeg2000, DicomSyntax.Rle, DicomSyntax.HtJpeg2000, DicomSyntax.BigEndian],
        [0x00280004] = ["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"],
        [0x00209311] = ["TILED_FULL", "TILED_SPARSE", ""],
        [0x00080008] = [@"DERIVED\PRIMARY\VOLUME\NONE", @"DERIVED\PRIMARY\LABEL\NONE", @"DERIVED\PRIMARY\OVERVIEW\NONE", @"DERIVED\PRIMARY\THUMBNAIL\NONE", @"\\VOLUME", ""],
    };

    // Sequences that the implicit encoding does not tell from other values.
    static readonly HashSet<uint> Sequences = [0x00480105, 0x52009229, 0x52009230, 0x00289110, 0x0048021A, 0x00480207, 0x00220016];

    const uint Undefined = uint.MaxValue;
    const int Listed = 16, Short = 16;

    public static void AddTo(List<Field> fields, ReadOnlySpan<byte> bytes, int start)
    {
        var isImplicit = bytes[..Math.Min(bytes.Length, 1024)].IndexOf("1.2.840.10008.1.2\0"u8) >= 0;
        for (var at = 132; at + 8 <= bytes.Length;)
        {
            var tag = (uint)(Number(bytes, at, 2) << 16 | Number(bytes, at + 2, 2));
            fields.Add(new Field(start + at, 2));
            fields.Add(new Field(start + at + 2, 2));
            var isItem = tag >> 16 == 0xFFFE;
            var vr = isItem || (isImplicit && tag >> 16 != 2) ? "" : System.Text.Encoding.Latin1.GetString(bytes.Slice(at + 4, 2));
            if (vr.Length > 0) fields.Add(new Field(start + at + 4, 2) { Texts = Vrs });
            var isLong = vr is "OB" or "OW" or "OV" or "SQ" or "UN" or "UT" or "UC";
            if (isLong && at + 12 > bytes.Length) return;
            var length = vr.Length == 0 ? new Field(start + at + 4, 4) : isLong ? new Field(start + at + 8, 4) : new Field(start + at + 6, 2);
            fields.Add(length);
            var count = (length with { Offset = length.Offset - start }).Read(bytes);
            at += isLong ? 12 : 8;
            if (isItem || vr == "SQ" || count == Undefined || Sequences.Contains(tag))
            {
                // A fragment of pixels is no item of elements: stepped over.
                if (tag == 0xFFFEE000 && count != Undefined && !LooksLikeElements(bytes, at)) at = Step(fields, bytes, start, at, count);
                continue;
            }
            if (Texts.TryGetValue(tag, out var texts)) fields.Add(new Field(start + at, (int)count) { Texts = texts });
            at = Step(fields, bytes, start, at, count);
        }
    }

    /// <summary>Lists the first numbers of a value and passes it.</summary>
    static int Step(List<Field> fields, ReadOnlySpan<byte> bytes, int start, int at, long count)
    {
        var size = count switch { 2 => 2, 4 => 4, _ when count % 8 == 0 && count > Short => 8, _ when count % 4 == 0 => 4, _ => 2 };
        for (var i = 0; i + size <= Math.Min(count, Listed * size) && at + i + size <= bytes.Length; i += size) fields.Add(new Field(start + at + i, size));
        return (int)Math.Min(at + count, bytes.Length);
    }

    static bool LooksLikeElements(ReadOnlySpan<byte> bytes, int at) => at + 4 <= bytes.Length && Number(bytes, at, 2) is 0x0008 or 0x0018 or 0x0020 or 0x0022 or 0x0028 or 0x0040 or 0x0048 or 0x5200 or 0xFFFE;

    static long Number(ReadOnlySpan<byte> bytes, int at, int size) => new Field(at, size).Read(bytes);
}
