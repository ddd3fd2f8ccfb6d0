using System.Runtime.InteropServices;
using System.Text;
using Slidebridge.Fuzz.Seeds;

namespace Slidebridge.Fuzz.Mutations;

/// <summary>
/// Makes a case: copies a seed's objects and changes them by one to a few mutations. The same seed and number make the same bytes.
/// Half of the mutations aim at the structure, for a parser goes by that; the rest hit anywhere.
/// </summary>
sealed class Mutator(SeedCollection seeds)
{
    static readonly byte[] Bytes = [0, 1, 0x7F, 0x80, 0xFF];

    readonly Dictionary<byte[], IReadOnlyList<Field>> maps = [];

    public byte[][] Make(Seed seed, long number)
    {
        var random = new Random(Hash(seed.Name, number));
        var objects = seed.Objects.ToList();
        if (objects.Count > 1 && random.Next(12) == 0) Shuffle(objects, random);
        var target = random.Next(objects.Count);
        var original = objects[target];
        var bytes = new List<byte>(original.Length + 64);
        bytes.AddRange(original);
        // One mutation goes deep, several find what only comes together.
        var mutations = random.Next(10) switch { < 5 => 1, < 8 => 2, 8 => 3, _ => 4 + random.Next(8) };
        for (var i = 0; i < mutations; i++) Mutate(bytes, original, seed, random);
        objects[target] = [.. bytes];
        return [.. objects];
    }

    void Mutate(List<byte> bytes, byte[] original, Seed seed, Random random)
    {
        if (bytes.Count < 2) return;
        switch (random.Next(100))
        {
            case < 50:
                Field(bytes, original, random);
                break;
            case < 62:
                bytes[Place(bytes, original, random)] ^= (byte)(1 << random.Next(8));
                break;
            case < 72:
                bytes[Place(bytes, original, random)] = random.Next(3) == 0 ? (byte)random.Next(256) : Bytes[random.Next(Bytes.Length)];
                break;
            case < 80:
                Aligned(bytes, random);
                break;
            case < 84:
                var end = 1 + random.Next(bytes.Count - 1);
                bytes.RemoveRange(end, bytes.Count - end);
                break;
            case < 88:
                var from = Place(bytes, original, random);
                bytes.RemoveRange(from, Math.Min(Length(random), bytes.Count - from));
                break;
            case < 92:
                bytes.InsertRange(Place(bytes, original, random), Enumerable.Repeat((byte)random.Next(256), Length(random)));
                break;
            default:
                Splice(bytes, original, seed, random);
                break;
        }
    }

    /// <summary>Replaces a number or text of the structure.</summary>
    void Field(List<byte> bytes, byte[] original, Random random)
    {
        var fields = Map(original);
        if (fields.Count == 0) return;
        var field = fields[random.Next(fields.Count)];
        if (field.Offset + field.Size > bytes.Count) return;
        var span = CollectionsMarshal.AsSpan(bytes);
        if (field.Texts is { } texts)
        {
            var text = Encoding.Latin1.GetBytes(texts[random.Next(texts.Count)]);
            var place = span.Slice(field.Offset, field.Size);
            place.Fill(random.Next(2) == 0 ? (byte)0 : (byte)' ');
            text.AsSpan(0, Math.Min(text.Length, place.Length)).CopyTo(place);
            return;
        }
        if (field.IsDigits)
        {
            for (var i = 0; i < field.Size; i++)
                if (random.Next(2) == 0) span[field.Offset + i] = (byte)"0012345678999-.eE\\ x"[random.Next(20)];
            return;
        }
        if (field.Choices is { } choices && random.Next(2) == 0)
        {
            field.Write(span, choices[random.Next(choices.Count)]);
            return;
        }
        var other = fields[random.Next(fields.Count)];
        field.Write(span, Numbers.Near(field.Read(span), field, other.Size <= 8 && other.Offset + other.Size <= bytes.Count ? other.Read(span) : 0, bytes.Count, random));
    }

    /// <summary>Writes an extreme number at an even place.</summary>
    static void Aligned(List<byte> bytes, Random random)
    {
        var size = 2 << random.Next(3);
        if (bytes.Count < size) return;
        var field = new Field(random.Next((bytes.Count - size) / 2 + 1) * 2, size, random.Next(2) == 0);
        field.Write(CollectionsMarshal.AsSpan(bytes), Numbers.Extreme(size, random));
    }

    /// <summary>Copies a block of this or another seed of the format over a place, or into it.</summary>
    void Splice(List<byte> bytes, byte[] original, Seed seed, Random random)
    {
        var others = seeds.All.Where(other => other.Format == seed.Format && other.Weight > 1).ToList();
        var objects = others[random.Next(others.Count)].Objects;
        var from = objects[random.Next(objects.Count)];
        var start = random.Next(from.Length);
        var block = from.AsSpan(start, Math.Min(random.Next(3) == 0 ? 1 + random.Next(4096) : Length(random), from.Length - start));
        var to = random.Next(4) == 0 ? Math.Min(start, bytes.Count - 1) : Place(bytes, original, random);
        if (random.Next(3) == 0)
        {
            bytes.InsertRange(to, block);
            return;
        }
        block = block[..Math.Min(block.Length, bytes.Count - to)];
        block.CopyTo(CollectionsMarshal.AsSpan(bytes)[to..]);
    }

    void Shuffle(List<byte[]> objects, Random random)
    {
        var i = random.Next(objects.Count);
        switch (random.Next(4))
        {
            case 0:
                objects.RemoveAt(i);
                break;
            case 1:
                objects.Insert(random.Next(objects.Count), objects[i]);
                break;
            case 2:
                (objects[0], objects[i]) = (objects[i], objects[0]);
                break;
            default:
                var other = seeds.All[random.Next(seeds.All.Count)];
                if (other.Weight > 1) objects[i] = other.Objects[random.Next(other.Objects.Count)];
                break;
        }
    }

    /// <summary>Anywhere, or near the structure.</summary>
    int Place(List<byte> bytes, byte[] original, Random random)
    {
        var fields = Map(original);
        if (fields.Count == 0 || random.Next(2) == 0) return random.Next(bytes.Count);
        return Math.Clamp(fields[random.Next(fields.Count)].Offset + random.Next(-4, 12), 0, bytes.Count - 1);
    }

    static int Length(Random random) => 1 + random.Next(1 << random.Next(9));

    IReadOnlyList<Field> Map(byte[] original)
    {
        if (!maps.TryGetValue(original, out var map)) maps[original] = map = FieldMap.Of(original);
        return map;
    }

    // FNV-1a: the same in every process.
    static int Hash(string name, long number)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in name) hash = (hash ^ letter) * 1099511628211;
        for (var i = 0; i < 64; i += 8) hash = (hash ^ (byte)(number >> i)) * 1099511628211;
        return (int)(hash ^ hash >> 32) & int.MaxValue;
    }
}
