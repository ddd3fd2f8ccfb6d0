using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>What must be known of all objects before the first tile is made: the listed classes with their ranges of scores, and which objects are outside the slide.</summary>
sealed class Survey : IDisposable
{
    readonly MappedFile? rows, shapes;

    /// <param name="table">Everything that was received.</param>
    /// <param name="file">The index; its rows are marked here. Afterwards its position is behind the table.</param>
    /// <param name="slide">The slide's size, or null.</param>
    /// <param name="omissions">Counts what is outside.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Survey(ObjectTable table, FileStream file, (double Width, double Height)? slide, Omissions omissions, CancellationToken cancellationToken)
    {
        Listed = new ListedClasses(table.Classes.ListedNumbers());
        Counts = new ClassCounts(Listed);
        if (table.Count == 0) return;
        for (var i = 0; i < table.Classes.Names.Count; i++)
        {
            if (Listed.NumberOf((ushort)i) != ClassNames.Other) continue;
            omissions.OtherClasses++;
            omissions.InOtherClasses += table.Classes.Counts[i];
        }
        Mark(table, file, slide, omissions, cancellationToken);
        rows = new MappedFile(file, IndexHeader.Size + (long)table.Count * ObjectRecord.Size);
        shapes = table.MapShapes();
        Objects = new IndexedObjects(rows, shapes, table.Count, Listed);
        for (uint id = 0; id < Objects.Count; id++)
        {
            Objects.Release();
            Counts.Add(Objects[id]);
        }
    }

    public ListedClasses Listed { get; }

    public ClassCounts Counts { get; }

    /// <summary>Null without objects.</summary>
    public IndexedObjects? Objects { get; }

    public bool HasScores { get; private set; }

    void Mark(ObjectTable table, FileStream file, (double Width, double Height)? slide, Omissions omissions, CancellationToken cancellationToken)
    {
        const int atOnce = 4096;
        var buffer = new ObjectRecord[atOnce];
        for (var first = 0; first < table.Count; first += atOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var some = buffer.AsSpan(0, Math.Min(atOnce, table.Count - first));
            file.Position = IndexHeader.Size + (long)first * ObjectRecord.Size;
            file.ReadExactly(MemoryMarshal.AsBytes(some));
            var isMarked = false;
            foreach (ref var each in some)
            {
                if (each.HasScore)
                {
                    HasScores = true;
                    Listed.Widen(each.Class, each.Score);
                }
                isMarked |= IsMarked(ref each, slide ?? table.Extent, isKnown: slide is not null, omissions);
            }
            if (!isMarked) continue;
            file.Position = IndexHeader.Size + (long)first * ObjectRecord.Size;
            file.Write(MemoryMarshal.AsBytes(some));
        }
        file.Position = IndexHeader.Size + (long)table.Count * ObjectRecord.Size;
    }

    static bool IsMarked(ref ObjectRecord each, (double Width, double Height) slide, bool isKnown, Omissions omissions)
    {
        if (each.MaxX < 0 || each.MaxY < 0 || each.MinX > slide.Width || each.MinY > slide.Height)
        {
            each.Traits |= ObjectTraits.Outside;
            omissions.Outside++;
            return true;
        }
        // An outline along the edge may exceed it by rounding.
        if (each.MinX >= -1 && each.MinY >= -1 && (!isKnown || (each.MaxX <= slide.Width + 1 && each.MaxY <= slide.Height + 1))) return false;
        each.Traits |= ObjectTraits.PartlyOutside;
        omissions.PartlyOutside++;
        return true;
    }

    /// <summary>Writes all ids (u32), the highest score first, those without a score last, and the same scores by id.</summary>
    public void WriteIdsByScore(Stream file)
    {
        const int atOnce = 4096;
        var objects = Objects!;
        var keys = new ulong[objects.Count];
        for (uint id = 0; id < objects.Count; id++)
        {
            objects.Release();
            keys[id] = ScoreKey.Of(objects[id].Score, id);
        }
        Array.Sort(keys);
        var ids = new uint[atOnce];
        for (var first = 0; first < keys.Length; first += atOnce)
        {
            var some = keys.AsSpan(first, Math.Min(atOnce, keys.Length - first));
            for (var i = 0; i < some.Length; i++) ids[i] = (uint)some[i];
            file.Write(MemoryMarshal.AsBytes(ids.AsSpan(0, some.Length)));
        }
    }

    public void Dispose()
    {
        rows?.Dispose();
        shapes?.Dispose();
    }
}

/// <summary>A number by which objects are sorted: falling score, then rising id.</summary>
static class ScoreKey
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(float score, uint id)
    {
        if (float.IsNaN(score)) return (ulong)uint.MaxValue << 32 | id;
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        // Floats as integers of the same order (IEEE 754): negative ones are turned around. Then all of it, because the highest comes first.
        var rising = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
        return (ulong)(uint.MaxValue - 1 - Math.Min(rising, uint.MaxValue - 1)) << 32 | id;
    }
}
