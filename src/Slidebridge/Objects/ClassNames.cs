using System.Text;
using Slidebridge.Overlays;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Objects;

/// <summary>The classes of a result, numbered as they appear. A result may name each object differently, so their number and length are limited.</summary>
sealed class ClassNames
{
    /// <summary>Shown for objects without a class.</summary>
    public const string Unnamed = "(no class)";

    /// <summary>Shown for the classes that are not listed.</summary>
    public const string Others = "(other classes)";

    /// <summary>Maximum classes that are listed; the others share the number <see cref="Other"/>.</summary>
    public const int MostListed = 254;

    /// <summary>The listed number of all other classes.</summary>
    public const int Other = 255;

    /// <summary>Maximum classes that the table distinguishes.</summary>
    const int MostKept = ushort.MaxValue;

    /// <summary>Maximum characters of a name.</summary>
    const int LongestName = 200;

    readonly List<string> names = [];
    readonly List<long> counts = [];
    readonly Dictionary<string, ushort> numbers = [];
    byte[] last = [];
    ushort lastNumber;
    bool hasLast;

    public IReadOnlyList<string> Names => names;

    /// <summary>The number of objects of each class.</summary>
    public IReadOnlyList<long> Counts => counts;

    /// <summary>The class's number; counts the object.</summary>
    public ushort NumberOf(ReadOnlySpan<byte> name)
    {
        if (!hasLast || !name.SequenceEqual(last))
        {
            lastNumber = Find(name);
            last = name.Length <= 1024 ? name.ToArray() : [];
            hasLast = name.Length <= 1024;
        }
        counts[lastNumber]++;
        return lastNumber;
    }

    ushort Find(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, 4 * LongestName)]).Trim();
        if (text.Length > LongestName) text = text[..LongestName] + "…";
        if (text.Length == 0) text = Unnamed;
        if (numbers.TryGetValue(text, out var number)) return number;
        if (names.Count >= MostKept) return numbers.TryGetValue(Others, out number) ? number : Add(Others);
        return Add(text);
    }

    ushort Add(string name)
    {
        var number = (ushort)names.Count;
        names.Add(name);
        counts.Add(0);
        return numbers[name] = number;
    }

    /// <summary>The listed number of each class: the classes with most objects, in the order in which they appear; <see cref="Other"/> for the rest.</summary>
    public byte[] ListedNumbers()
    {
        var listed = Enumerable.Range(0, names.Count).OrderByDescending(i => counts[i]).ThenBy(i => i).Take(MostListed).ToHashSet();
        var next = 0;
        return [.. Enumerable.Range(0, names.Count).Select(i => listed.Contains(i) ? (byte)next++ : (byte)Other)];
    }

    /// <summary>The colour of each class, 0xffrrggbb, the same as in pictures of the result.</summary>
    public uint[] Colors()
    {
        var colors = new AnnotationColors();
        var nowhere = new Point(new Position(0, 0));
        return [.. names.Select(name => (uint)colors.Of(new FoundShape(nowhere, name)))];
    }
}
