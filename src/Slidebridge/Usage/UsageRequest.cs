namespace Slidebridge.Usage;

/// <summary>The report that a caller of the API or a page requests.</summary>
/// <param name="Range">The time; the current month if <paramref name="Fault"/> is about it.</param>
/// <param name="Keys">By what to sum up; the default keys if they are wrong.</param>
/// <param name="Fault">What is wrong, in a sentence; null: nothing.</param>
readonly record struct UsageRequest(UsageRange Range, IReadOnlyList<UsageKey> Keys, string? Fault)
{
    /// <param name="from">A month or a day, or null.</param>
    /// <param name="to">The same.</param>
    /// <param name="by">A list of keys, or null.</param>
    /// <param name="now">The present time.</param>
    public static UsageRequest Parse(string? from, string? to, string? by, DateTimeOffset now)
    {
        var (first, last) = (from is null ? null : UsagePeriod.Parse(from), to is null ? null : UsagePeriod.Parse(to));
        var keys = by is null ? UsageKeys.Default : UsageKeys.Parse(by);
        var range = UsageRange.Of(first, last, now);
        var fault = (from is not null && first is null) || (to is not null && last is null) ? "from and to must be months such as 2026-11, or days such as 2026-11-28."
            : range.IsEmpty ? "from is after to." : null;
        return new UsageRequest(fault is null ? range : UsageRange.Of(null, null, now), keys ?? UsageKeys.Default, fault ?? (keys is null ? $"by must be a list of {UsageKeys.Names}, each once." : null));
    }
}
