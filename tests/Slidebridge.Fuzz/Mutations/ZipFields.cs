namespace Slidebridge.Fuzz.Mutations;

/// <summary>The records of a zip (APPNOTE 6.3.10 §4.3), and the fields of the entries that are stored.</summary>
static class ZipFields
{
    const uint Local = 0x04034B50, Central = 0x02014B50, End = 0x06054B50, End64 = 0x06064B50, Locator64 = 0x07064B50;

    // Offset and size of each number of a record after its signature.
    static readonly Dictionary<uint, (int At, int Size)[]> Records = new()
    {
        [Local] = [(6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)],
        [Central] = [(8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4)],
        [End] = [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)],
        [End64] = [(4, 8), (16, 4), (20, 4), (24, 8), (32, 8), (40, 8), (48, 8)],
        [Locator64] = [(4, 4), (8, 8), (16, 4)],
    };

    public static void AddTo(List<Field> fields, ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at + 22 <= bytes.Length; at++)
        {
            if (bytes[at] != 'P' || bytes[at + 1] != 'K' || !Records.TryGetValue((uint)new Field(at, 4).Read(bytes), out var record)) continue;
            fields.Add(new Field(at, 4));
            foreach (var (offset, size) in record) fields.Add(new Field(at + offset, size) { Choices = (offset, size) is (8, 2) or (10, 2) ? [0, 8, 9, 12] : null });
            var signature = (uint)new Field(at, 4).Read(bytes);
            if (signature == Central) AddExtra(fields, bytes, at);
            if (signature == Local) AddEntry(fields, bytes, at);
        }
    }

    // The name, and the ZIP64 sizes after it.
    static void AddExtra(List<Field> fields, ReadOnlySpan<byte> bytes, int at)
    {
        int name = (int)new Field(at + 28, 2).Read(bytes), extra = (int)new Field(at + 30, 2).Read(bytes);
        fields.Add(new Field(at + 46, name) { Texts = ["../../../../x", "/etc/x", "series/object-0", "a/", "__MACOSX/x", @"..\x", ".x"] });
        var start = at + 46 + name;
        for (var i = 0; i + 4 <= extra; i += 4) fields.Add(new Field(start + i, i == 0 ? 2 : 4));
        for (var i = 4; i + 8 <= extra; i += 8) fields.Add(new Field(start + i, 8));
    }

    static void AddEntry(List<Field> fields, ReadOnlySpan<byte> bytes, int at)
    {
        if (new Field(at + 8, 2).Read(bytes) != 0) return;
        var start = at + 30 + (int)new Field(at + 26, 2).Read(bytes) + (int)new Field(at + 28, 2).Read(bytes);
        var entry = bytes.Slice(start, (int)new Field(at + 18, 4).Read(bytes));
        if (entry.StartsWith("II"u8) || entry.StartsWith("MM"u8)) TiffFields.AddTo(fields, entry, start);
        else if (entry.Length > 132 && entry[128..132].SequenceEqual("DICM"u8)) DicomFields.AddTo(fields, entry, start);
    }
}
