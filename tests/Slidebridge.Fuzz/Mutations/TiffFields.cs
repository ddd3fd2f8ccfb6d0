namespace Slidebridge.Fuzz.Mutations;

/// <summary>The header, every directory's entries (tag, type, count, value or offset), and the values of the index fields.</summary>
static class TiffFields
{
    static readonly long[] Tags = [254, 256, 257, 258, 259, 262, 270, 273, 277, 278, 279, 282, 284, 296, 305, 317, 322, 323, 324, 325, 330, 339, 347, 530, 700, 34675, 65420];
    static readonly long[] Types = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 17, 18, 255];

    static readonly Dictionary<int, long[]> Values = new()
    {
        [254] = [0, 1, 2, 4],
        [258] = [1, 4, 8, 16, 32],
        [259] = [1, 2, 5, 6, 7, 8, 32773, 32946, 33003, 33004, 33005, 34712, 50000, 50001],
        [262] = [0, 1, 2, 3, 5, 6, 8],
        [277] = [1, 2, 3, 4, 5],
        [284] = [1, 2],
        [317] = [1, 2, 3],
        [322] = [1, 8, 16, 31, 48, 64, 100, 128, 1024, 8192],
        [323] = [1, 8, 16, 31, 48, 64, 100, 128, 1024, 8192],
        [339] = [1, 2, 3],
    };

    // The types whose values are listed field by field, and how many of them.
    const int Listed = 16;

    public static void AddTo(List<Field> fields, ReadOnlySpan<byte> bytes, int start)
    {
        if (bytes.Length < 16) return;
        var bigEndian = bytes[0] == 'M';
        var big = Number(bytes, 2, 2, bigEndian) == 43;
        int width = big ? 8 : 4, head = big ? 8 : 2, entry = big ? 20 : 12, first = big ? 8 : 4;
        fields.Add(new Field(start + 2, 2, bigEndian) { Choices = [42, 43] });
        fields.Add(new Field(start + first, width, bigEndian));
        var seen = new HashSet<long>();
        var waiting = new Queue<long>([Number(bytes, first, width, bigEndian)]);
        while (waiting.TryDequeue(out var at))
        {
            if (at <= 0 || at > bytes.Length - head || !seen.Add(at)) continue;
            fields.Add(new Field(start + (int)at, head, bigEndian));
            var count = (int)Number(bytes, (int)at, head, bigEndian);
            var place = (int)at + head;
            for (var i = 0; i < count && place + entry <= bytes.Length; i++, place += entry) AddEntry(fields, bytes, start, place, width, bigEndian, waiting);
            if (place + width > bytes.Length) continue;
            fields.Add(new Field(start + place, width, bigEndian));
            waiting.Enqueue(Number(bytes, place, width, bigEndian));
        }
    }

    static void AddEntry(List<Field> fields, ReadOnlySpan<byte> bytes, int start, int place, int width, bool bigEndian, Queue<long> waiting)
    {
        var tag = (int)Number(bytes, place, 2, bigEndian);
        var size = Number(bytes, place + 2, 2, bigEndian) switch { 3 => 2, 4 => 4, 16 => 8, _ => 0 };
        var count = Number(bytes, place + 4, width, bigEndian);
        fields.Add(new Field(start + place, 2, bigEndian) { Choices = Tags });
        fields.Add(new Field(start + place + 2, 2, bigEndian) { Choices = Types });
        fields.Add(new Field(start + place + 4, width, bigEndian));
        var isInline = size > 0 && count * size <= width;
        if (!isInline) fields.Add(new Field(start + place + 4 + width, width, bigEndian));
        if (size == 0) return;
        var at = isInline ? place + 4 + width : (int)Math.Clamp(Number(bytes, place + 4 + width, width, bigEndian), 0, int.MaxValue);
        for (var i = 0; i < Math.Min(count, Listed) && at + size <= bytes.Length; i++, at += size)
        {
            fields.Add(new Field(start + at, size, bigEndian) { Choices = Values.GetValueOrDefault(tag) });
            if (tag == 330) waiting.Enqueue(Number(bytes, at, size, bigEndian));
        }
    }

    static long Number(ReadOnlySpan<byte> bytes, int at, int size, bool bigEndian) => new Field(at, size, bigEndian).Read(bytes);
}
