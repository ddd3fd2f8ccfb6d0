namespace Slidebridge.Usage;

/// <summary>The time that a usage report covers.</summary>
/// <param name="First">The first month or day.</param>
/// <param name="Last">The last one, inclusive.</param>
readonly record struct UsageRange(UsagePeriod First, UsagePeriod Last)
{
    /// <summary>The last period ends before the first begins.</summary>
    public bool IsEmpty => First.Start >= Last.End;

    /// <summary>By default the current month; if only one period is given and it is in another month, that period alone.</summary>
    public static UsageRange Of(UsagePeriod? first, UsagePeriod? last, DateTimeOffset now)
    {
        var month = UsagePeriod.MonthOf(now);
        var from = first ?? (last?.End <= month.Start ? last.Value : month);
        return new(from, last ?? (from.Start >= month.End ? from : month));
    }
}
