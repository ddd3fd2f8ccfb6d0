using System.Text.Json.Nodes;

namespace Slidebridge.Provenance;

/// <summary>What differs between two results and what made them.</summary>
/// <param name="What">Such as <c>classifier version</c>, or a JSON path.</param>
/// <param name="Then">The value of the first; null: absent.</param>
/// <param name="Now">The value of the second; null: absent.</param>
sealed record Difference(string What, string? Then, string? Now)
{
    public override string ToString() => $"{What}: {Then ?? "(absent)"} → {Now ?? "(absent)"}";
}

/// <summary>Compares what made two results of the same task. Times and nodes always differ, and are left out.</summary>
static class Differences
{
    /// <summary>Differences between two results' records.</summary>
    public static IEnumerable<Difference> Between(ResultProvenance then, ResultProvenance now)
    {
        IEnumerable<Difference> all =
        [
            .. Of("bridge", then.Bridge.ToString(), now.Bridge.ToString()),
            .. Of(".NET", then.Bridge.Runtime, now.Bridge.Runtime),
            .. Of("system", then.Bridge.System, now.Bridge.System),
            .. Of("classifier", then.Classifier?.Name, now.Classifier?.Name),
            .. Of("classifier's kind", then.Classifier?.Kind, now.Classifier?.Kind),
            .. Of("classifier's version", then.Classifier?.Version, now.Classifier?.Version),
            .. Of("classifier's settings", then.Classifier?.Settings, now.Classifier?.Settings),
            .. Of("model server", then.Classifier?.Server, now.Classifier?.Server),
            .. ByName("file", FilesOf(then), FilesOf(now)),
            // A library that is missing in one record was not loaded yet when it was made.
            .. then.Decoders.Where(d => now.Decoders.ContainsKey(d.Key)).SelectMany(d => Of($"decoder {d.Key}", d.Value, now.Decoders[d.Key])),
            .. ByName("scan", then.Slides.ToDictionary(s => s.Scan, Shape), now.Slides.ToDictionary(s => s.Scan, Shape)),
        ];
        return all.Concat(then.Slides.Join(now.Slides, s => s.Scan, s => s.Scan, (one, other) => (one, other)).SelectMany(pair => Objects(pair.one, pair.other)));
    }

    /// <summary>Differences between two results, by their JSON paths; the first ones.</summary>
    /// <param name="then">The first result.</param>
    /// <param name="now">The second.</param>
    /// <param name="isAdded">The results contain their records (<c>--post-provenance</c>), which are not compared here.</param>
    /// <param name="most">Maximum number of differences.</param>
    public static IEnumerable<Difference> Between(JsonNode? then, JsonNode? now, bool isAdded, int most) => Between("$", then, now).Where(d => !(isAdded && PostedProvenance.IsOwn(d.What))).Take(most);

    static IEnumerable<Difference> Between(string path, JsonNode? then, JsonNode? now)
    {
        switch (then, now)
        {
            case (JsonObject one, JsonObject other):
                foreach (var name in one.Select(m => m.Key).Union(other.Select(m => m.Key)))
                {
                    foreach (var difference in Between($"{path}.{name}", one[name], other[name])) yield return difference;
                }
                break;
            case (JsonArray one, JsonArray other):
                if (one.Count != other.Count) yield return new($"{path}, number of items", $"{one.Count}", $"{other.Count}");
                for (var i = 0; i < Math.Min(one.Count, other.Count); i++)
                    foreach (var difference in Between($"{path}[{i}]", one[i], other[i])) yield return difference;
                break;
            default:
                if (!JsonNode.DeepEquals(then, now)) yield return new(path, Shortened(then), Shortened(now));
                break;
        }
    }

    static IEnumerable<Difference> Objects(SlideProvenance then, SlideProvenance now)
    {
        if (then.Objects.Count != now.Objects.Count) return [new($"scan {then.Scan}, number of objects", $"{then.Objects.Count}", $"{now.Objects.Count}")];
        return then.Objects.Zip(now.Objects).Index().SelectMany(each => (IEnumerable<Difference>)
        [
            .. Of($"scan {then.Scan}, object {each.Index + 1}, bytes", $"{each.Item.First.Bytes}", $"{each.Item.Second.Bytes}"),
            // A file has no ETag.
            .. each.Item.First.Version is null || each.Item.Second.Version is null ? [] : Of($"scan {then.Scan}, object {each.Index + 1}, ETag", each.Item.First.Version, each.Item.Second.Version),
        ]);
    }

    static Dictionary<string, string> FilesOf(ResultProvenance record) => record.Classifier?.Files.GroupBy(file => file.Name).ToDictionary(named => named.Key, named => string.Join(", ", named.Select(file => file.Sha256 ?? "unreadable"))) ?? [];

    static string Shape(SlideProvenance slide) => FormattableString.Invariant($"{slide.Format}, {slide.Width} × {slide.Height}, {slide.MppX:0.#####} × {slide.MppY:0.#####} µm/pixel");

    static IEnumerable<Difference> ByName(string what, IReadOnlyDictionary<string, string> then, IReadOnlyDictionary<string, string> now) =>
        then.Keys.Union(now.Keys).Order(StringComparer.Ordinal).SelectMany(name => Of($"{what} {name}", then.GetValueOrDefault(name), now.GetValueOrDefault(name)));

    static IEnumerable<Difference> Of(string what, JsonNode? then, JsonNode? now) => JsonNode.DeepEquals(then, now) ? [] : [new(what, then?.ToJsonString(), now?.ToJsonString())];

    static IEnumerable<Difference> Of(string what, string? then, string? now) => then == now ? [] : [new(what, then, now)];

    static string? Shortened(JsonNode? value) => value?.ToJsonString() is not { } text ? null : text.Length > 80 ? text[..80] + "…" : text;
}
