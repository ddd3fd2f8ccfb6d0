using System.Text.Json.Nodes;

namespace Slidebridge.Provenance;

/// <summary>A classifier's settings for the record, without the values that are secrets by their names.</summary>
static class HiddenSecrets
{
    const string Hidden = "(hidden)";

    static readonly string[] Words = ["secret", "password", "passwd", "token", "apikey", "api_key", "api-key", "credential", "connectionstring"];

    public static JsonObject? In(JsonObject? settings)
    {
        if (settings is null) return null;
        var copy = settings.DeepClone().AsObject();
        Hide(copy);
        return copy;
    }

    static void Hide(JsonNode? node)
    {
        if (node is JsonArray items)
            foreach (var item in items) Hide(item);
        if (node is not JsonObject members) return;
        foreach (var (name, value) in members.ToList())
        {
            if (Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))) members[name] = Hidden;
            else Hide(value);
        }
    }
}
