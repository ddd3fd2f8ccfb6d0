using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Slidebridge.Provenance;

/// <summary>A classifier's settings for the record, which viewers see, without the values that are probably secrets: by the words of their names, or by their form.</summary>
static partial class HiddenSecrets
{
    const string Hidden = "(hidden)";

    static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "secret", "secrets", "password", "passwords", "passwd", "pwd", "passphrase", "token", "apikey", "key", "keys", "auth", "authorization", "authentication", "bearer", "credential", "credentials", "cookie", "cookies",
        "sas", "sig", "signature", "private", "dsn", "connectionstring", "jwt", "pat",
    };

    public static JsonObject? In(JsonObject? settings)
    {
        if (settings is null) return null;
        var copy = settings.DeepClone().AsObject();
        Hide(copy);
        return copy;
    }

    /// <summary>Whether a value of a record is hidden, so that it cannot be compared.</summary>
    public static bool AreIn(JsonNode? settings) => settings switch
    {
        JsonObject members => members.Any(member => AreIn(member.Value)),
        JsonArray items => items.Any(AreIn),
        JsonValue value => value.GetValueKind() is JsonValueKind.String && value.GetValue<string>().EndsWith(Hidden, StringComparison.Ordinal),
        _ => false,
    };

    static void Hide(JsonNode node)
    {
        if (node is JsonArray items)
            for (var i = 0; i < items.Count; i++) items[i] = Shown(items[i]);
        if (node is not JsonObject members) return;
        foreach (var (name, value) in members.ToList()) members[name] = Word().Matches(name).Any(word => Words.Contains(word.Value)) || name.Contains("connection", StringComparison.OrdinalIgnoreCase) ? Hidden : Shown(value);
    }

    static JsonNode? Shown(JsonNode? value)
    {
        if (value is JsonValue text && text.GetValueKind() is JsonValueKind.String) return Shown(text.GetValue<string>());
        if (value is not null) Hide(value);
        return value?.DeepClone();
    }

    /// <summary>An address without its user, password and query; nothing of what begins like the value of an Authorization header.</summary>
    static string Shown(string text)
    {
        if (text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || text.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return Hidden;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.UserInfo.Length == 0 && url.Query.Length <= 1 && url.Fragment.Length <= 1)) return text;
        return $"{url.GetComponents(UriComponents.Scheme | UriComponents.HostAndPort | UriComponents.Path, UriFormat.UriEscaped)} {Hidden}";
    }

    /// <summary>The words of a name in camelCase, snake_case or kebab-case.</summary>
    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")]
    private static partial Regex Word();
}
