namespace Slidebridge.Usage;

/// <summary>The months or days of a range, numbered as they are met: a number is found faster than the name of a period is written.</summary>
/// <param name="range">The range. Its ends are midnights of UTC.</param>
/// <param name="keys">Whether months, days, both or neither are distinguished.</param>
sealed class UsagePeriods(UsageRange range, IReadOnlyList<UsageKey> keys)
{
    readonly long start = range.First.Start.UtcTicks, end = range.Last.End.UtcTicks;
    readonly bool byMonth = keys.Contains(UsageKey.Month), byDay = keys.Contains(UsageKey.Day);
    readonly Dictionary<long, int> days = [];
    readonly Dictionary<(string? Month, string? Day), int> numbers = [];
    readonly List<(string? Month, string? Day)> names = [];

    /// <summary>The day that was met last, and its period: most tasks that follow each other ended on one day.</summary>
    (long Day, int Period) last = (-1, -1);

    /// <summary>The number of a moment's period, -1 if it is not in the range.</summary>
    /// <param name="ticks">UTC ticks.</param>
    public int Of(long ticks)
    {
        if (ticks < start || ticks >= end) return -1;
        var day = ticks / TimeSpan.TicksPerDay;
        if (day == last.Day) return last.Period;
        if (!days.TryGetValue(day, out var period)) days[day] = period = Number(new DateTimeOffset(ticks, TimeSpan.Zero));
        last = (day, period);
        return period;
    }

    int Number(DateTimeOffset moment)
    {
        var name = (byMonth ? UsagePeriod.MonthName(moment) : null, byDay ? UsagePeriod.DayName(moment) : null);
        if (numbers.TryGetValue(name, out var period)) return period;
        names.Add(name);
        return numbers[name] = names.Count - 1;
    }

    /// <summary>The name of a period: the parts that are keys.</summary>
    public (string? Month, string? Day) this[int period] => names[period];
}
