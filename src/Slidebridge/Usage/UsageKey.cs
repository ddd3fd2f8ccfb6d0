namespace Slidebridge.Usage;

/// <summary>By what usage is summed up.</summary>
enum UsageKey
{
    Month,
    Day,
    Company,
    Model,
    Classifier,

    /// <summary>The execution group; with it, and times, the sums contain the paid time of the fleet's workers.</summary>
    Group,
}

static class UsageKeys
{
    public static readonly IReadOnlyList<UsageKey> Default = [UsageKey.Month, UsageKey.Company];

    public static readonly string Names = string.Join(", ", Enum.GetValues<UsageKey>().Select(Name));

    /// <summary>As users and the API write it.</summary>
    public static string Name(this UsageKey key) => key.ToString().ToLowerInvariant();

    /// <summary>As <see cref="Parse"/> reads them.</summary>
    public static string Text(IEnumerable<UsageKey> keys) => string.Join(',', keys.Select(Name));

    /// <summary>Parses <c>day,model</c>; null if a part is not a key or one is given twice.</summary>
    public static IReadOnlyList<UsageKey>? Parse(string text)
    {
        var keys = new List<UsageKey>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Enum.GetValues<UsageKey>().Cast<UsageKey?>().FirstOrDefault(key => key!.Value.Name() == part) is not { } found || keys.Contains(found)) return null;
            keys.Add(found);
        }
        return keys;
    }
}
