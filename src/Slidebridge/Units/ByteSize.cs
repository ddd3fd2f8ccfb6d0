using System.Globalization;

namespace Slidebridge.Units;

/// <summary>Amounts of bytes as people write them.</summary>
static class ByteSize
{
    // Disks are sold in powers of ten; for powers of two, write KiB, MiB, GiB.
    static readonly (string Unit, double Bytes)[] Units =
    [
        ("KiB", 1024d), ("MiB", 1024d * 1024), ("GiB", 1024d * 1024 * 1024), ("TiB", 1024d * 1024 * 1024 * 1024),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    /// <summary>The bytes, or null if the text is not an amount: <c>0</c>, <c>500MB</c>, <c>1.5GiB</c>. At most 1000 TB.</summary>
    public static long? Parse(string text)
    {
        if (text == "0") return 0;
        foreach (var (unit, bytes) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            return double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * bytes <= 1e15
                ? (long)(number * bytes)
                : null;
        }
        return null;
    }

    /// <summary>The amount for a reader, rounded to three digits: <c>68.4 GB</c>.</summary>
    public static string About(long amount)
    {
        var (unit, bytes) = Units.Where(each => !each.Unit.Contains('i', StringComparison.Ordinal) && (amount >= each.Bytes || each.Unit == "B")).MaxBy(each => each.Bytes);
        var value = amount / bytes;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value, value < 10 ? 2 : value < 100 ? 1 : 0)} {unit}");
    }

    /// <summary>The amount as text, in the largest unit that gives a whole number: <c>1GiB</c>.</summary>
    public static string Text(long amount)
    {
        var (unit, bytes) = Units.Where(each => amount >= each.Bytes && amount % each.Bytes == 0).MaxBy(each => each.Bytes);
        return unit is null ? "0" : string.Create(CultureInfo.InvariantCulture, $"{amount / bytes:0}{unit}");
    }
}
