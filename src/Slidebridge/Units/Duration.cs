using System.Globalization;

namespace Slidebridge.Units;

/// <summary>Times as people write them.</summary>
static class Duration
{
    static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    /// <summary>The time, or null if the text is not one. At most 365 days.</summary>
    public static TimeSpan? Parse(string text)
    {
        foreach (var (unit, seconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * seconds <= 100 * 365 * 86400d)
                return TimeSpan.FromSeconds(number * seconds);
        }
        return null;
    }

    /// <summary>The time as text, in the largest unit that gives a whole number: <c>90m</c>.</summary>
    public static string Text(TimeSpan time)
    {
        var (unit, seconds) = Units.LastOrDefault(u => time.TotalSeconds % u.Seconds == 0, Units[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds / seconds:0.###}{unit}");
    }
}
