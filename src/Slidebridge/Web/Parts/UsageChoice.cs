using Slidebridge.Usage;

namespace Slidebridge.Web.Parts;

/// <summary>What the address of the usage page chooses. A form sends each key by itself; a link, several in one.</summary>
static class UsageChoice
{
    public static (UsageRange Range, IReadOnlyList<UsageKey> Keys, string? Fault) Of(IQueryCollection query, DateTimeOffset now)
    {
        var standard = UsageRange.Of(null, null, now);
        var (from, to, by) = (query["from"].ToString(), query["to"].ToString(), string.Join(',', query["by"].OfType<string>()));
        var (first, last) = (from.Length == 0 ? null : UsagePeriod.Parse(from), to.Length == 0 ? null : UsagePeriod.Parse(to));
        var keys = by.Length == 0 ? UsageKeys.Default : UsageKeys.Parse(by);
        if ((from.Length > 0 && first is null) || (to.Length > 0 && last is null)) return (standard, keys ?? UsageKeys.Default, "Give months such as 2026-11, or days such as 2026-11-28.");
        var range = UsageRange.Of(first, last, now);
        if (range.IsEmpty) return (standard, keys ?? UsageKeys.Default, "The first month is after the last.");
        return keys is null ? (range, UsageKeys.Default, $"by must be a list of {UsageKeys.Names}, each once.") : (range, keys, null);
    }
}
