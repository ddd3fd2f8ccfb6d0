namespace Slidebridge.Fuzz.Mutations;

/// <summary>Finds the fields of a true object: of its container, of what a zip stores, of the pictures in it, and of a text.</summary>
static class FieldMap
{
    // Fields of an index of many tiles are alike: some are enough.
    const int Most = 20_000;

    public static IReadOnlyList<Field> Of(ReadOnlySpan<byte> bytes)
    {
        var fields = new List<Field>();
        if (bytes.StartsWith("PK"u8)) ZipFields.AddTo(fields, bytes);
        else if (bytes.StartsWith("II"u8) || bytes.StartsWith("MM"u8)) TiffFields.AddTo(fields, bytes, 0);
        else if (bytes.Length > 132 && bytes[128..132].SequenceEqual("DICM"u8)) DicomFields.AddTo(fields, bytes, 0);
        if (bytes.TrimStart(" \r\n"u8).StartsWith("{"u8)) JsonFields.AddTo(fields, bytes);
        else PictureFields.AddTo(fields, bytes);
        TextFields.AddTo(fields, bytes);
        return fields.Count > Most ? fields.GetRange(0, Most) : fields;
    }
}
