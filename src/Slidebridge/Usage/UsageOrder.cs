namespace Slidebridge.Usage;

/// <summary>Sorts sums by their keys, ordinally. A year by all keys has 100 000 sums and more: each key's values are compared once, and the sums by the values' places.</summary>
static class UsageOrder
{
    /// <param name="sums">The sums.</param>
    /// <param name="keys">The first key counts most.</param>
    public static IReadOnlyList<UsageSum> Sort(IReadOnlyList<UsageSum> sums, IReadOnlyList<UsageKey> keys)
    {
        var places = keys.Select(key => Places(sums, key)).ToArray();
        var order = Enumerable.Range(0, sums.Count).ToArray();
        Array.Sort(order, (a, b) =>
        {
            foreach (var place in places)
                if (place[a] != place[b]) return place[a].CompareTo(place[b]);
            return 0;
        });
        return [.. order.Select(i => sums[i])];
    }

    static int[] Places(IReadOnlyList<UsageSum> sums, UsageKey key)
    {
        var places = new Dictionary<string, int>();
        foreach (var sum in sums) places.TryAdd(sum.Of(key) ?? "", 0);
        foreach (var (value, place) in places.Keys.Order(StringComparer.Ordinal).Select((value, place) => (value, place)).ToList()) places[value] = place;
        return [.. sums.Select(sum => places[sum.Of(key) ?? ""])];
    }
}
