using System.Globalization;

namespace Slidebridge.Usage;

/// <summary>A calendar month or day of UTC.</summary>
/// <param name="Start">Its first moment.</param>
/// <param name="End">The first moment after it.</param>
/// <param name="Name">As <c>2026-11</c> or <c>2026-11-28</c>.</param>
readonly record struct UsagePeriod(DateTimeOffset Start, DateTimeOffset End, string Name)
{
    const string MonthFormat = "yyyy-MM", DayFormat = "yyyy-MM-dd";

    public static UsagePeriod MonthOf(DateTimeOffset moment) => Parse(MonthName(moment))!.Value;

    public static string MonthName(DateTimeOffset moment) => moment.UtcDateTime.ToString(MonthFormat, CultureInfo.InvariantCulture);

    public static string DayName(DateTimeOffset moment) => moment.UtcDateTime.ToString(DayFormat, CultureInfo.InvariantCulture);

    /// <summary>Parses <c>2026-11</c> or <c>2026-11-28</c>; null if the text is neither.</summary>
    public static UsagePeriod? Parse(string text)
    {
        var isDay = text.Length == DayFormat.Length;
        if (!DateOnly.TryParseExact(text, isDay ? DayFormat : MonthFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) || first.Year is <= 1 or >= 9999) return null;
        return new UsagePeriod(StartOf(first), StartOf(isDay ? first.AddDays(1) : first.AddMonths(1)), text);
    }

    static DateTimeOffset StartOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    public override string ToString() => Name;
}
