using System.Text.Json.Nodes;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// The platform's request as programs receive it, without URLs: anyone who has a presigned URL can read the slide, and a program gets its slides from the bridge. The scan ids stay.
/// </summary>
static class RequestUrls
{
    /// <summary>A copy with every URL emptied: those of <c>scans</c> and <c>scan_urls</c>, and URLs in fields that the platform may add later.</summary>
    public static JsonObject Without(JsonObject request)
    {
        var copy = (JsonObject)request.DeepClone();
        copy.Remove("scan_urls");
        if (copy["scans"] is JsonObject scans)
            foreach (var id in scans.Select(s => s.Key).ToArray()) scans[id] = "";
        Empty(copy);
        return copy;
    }

    static void Empty(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToArray())
                if (IsUrl(value)) members[name] = "";
                else Empty(value);
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
                if (IsUrl(items[i])) items[i] = "";
                else Empty(items[i]);
        }
    }

    static bool IsUrl(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Contains("://", StringComparison.Ordinal);
}
