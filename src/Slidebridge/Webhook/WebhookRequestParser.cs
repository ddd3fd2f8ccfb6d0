using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Json;
using Slidebridge.Slides.Sources;
using Slidebridge.Techcyte;

namespace Slidebridge.Webhook;

/// <summary>
/// Reads a webhook's body. The parser accepts every spelling in the platform's guide and its examples (<c>model_id</c> or <c>model_name</c>,
/// <c>jwt_token</c> or <c>token</c>, ids in base64 or as numbers), and other senders' variants that have only one possible meaning (docs/decisions/received-json.md).
/// Unknown fields are ignored; an error names the invalid field. Unknown fields may hold patient data, and are stored only if the operator asks for that.
/// </summary>
static class WebhookRequestParser
{
    /// <summary>A case has fewer slides than this.</summary>
    const int MostScans = 1000;

    /// <summary>Maximum characters. A presigned URL with a session token has about 2 000; a JSON Web Token seldom has more than 4 000.</summary>
    const int LongestText = 200, LongestToken = 16_384, LongestUrl = 8192;

    /// <summary>2^53: a sender that holds numbers as doubles loses the last digits of larger ones.</summary>
    const decimal LargestExact = 9_007_199_254_740_992;

    /// <summary>A DICOM series has an object for each level, plane and path.</summary>
    const int MostUrls = 2000;

    /// <summary>Escapes only the characters that JSON requires: with the default encoder, a text of <c>&lt;</c> would be stored at six times its size.</summary>
    static readonly JsonSerializerOptions Compact = new() { MaxDepth = MostLevels, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields of a request that are stored as they were received.</summary>
    public static readonly string[] Known = ["company_id", "stains", "task_id", "case_id", "model_id", "model_name"];

    /// <summary>The fields that are stored separately, encrypted.</summary>
    static readonly string[] Secret = ["scans", "scan_urls", "jwt_token", "token"];

    /// <summary>Maximum depth of a request's JSON.</summary>
    const int MostLevels = 32;

    /// <param name="body">JSON, in any encoding of Unicode.</param>
    /// <param name="keepsUnknown">Whether unknown fields are stored with the request.</param>
    /// <exception cref="WebhookRequestException">The request is not valid.</exception>
    public static WebhookRequest Parse(ReadOnlyMemory<byte> body, bool keepsUnknown = false)
    {
        try
        {
            return Read(body, keepsUnknown);
        }
        // An unpaired surrogate is found only when its text is read.
        catch (InvalidOperationException)
        {
            throw new WebhookRequestException("$", "a text in it is not valid Unicode; send the JSON as UTF-8");
        }
    }

    static WebhookRequest Read(ReadOnlyMemory<byte> body, bool keepsUnknown)
    {
        var json = Body(body);
        var (taskId, taskNumber) = Id(json, "task_id", "task") ?? throw new WebhookRequestException("$.task_id", "is missing");
        var request = new WebhookRequest
        {
            TaskId = taskId,
            TaskNumber = taskNumber,
            CaseNumber = Id(json, "case_id", type: null)?.Number, // Its type differs by the kind of case: humanCase:2421366.
            CompanyId = Text(json, "company_id"), // Tasks are looked up by it, and the length of an index entry is limited.
            Model = Text(json, "model_id") ?? Text(json, "model_name"),
            Token = Token(json),
            Scans = Scans(json),
            Json = "",
        };
        // URLs are stored separately; URLs and tokens are the only secrets of a request.
        foreach (var name in json.Select(field => field.Key).Where(name => Secret.Contains(name) || (!keepsUnknown && !Known.Contains(name))).ToArray()) json.Remove(name);
        return request with { Json = json.ToJsonString(Compact) };
    }

    static JsonObject Body(ReadOnlyMemory<byte> body)
    {
        try
        {
            var json = ReceivedJson.ParseNode(body, MostLevels);
            // Encoded twice: a string that contains the JSON object.
            if (json is JsonValue && json.GetValueKind() is JsonValueKind.String && json.GetValue<string>() is var text && text.AsSpan().TrimStart().StartsWith("{")) json = ReceivedJson.ParseNode(text, MostLevels);
            var found = json as JsonObject ?? throw new WebhookRequestException("$", "must be a JSON object");
            Straighten(found);
            return found;
        }
        catch (RepeatedKeyException e)
        {
            throw new WebhookRequestException(e.Path!, $"occurs twice, the second time at {e.Second}; send it once");
        }
        catch (JsonException e)
        {
            throw new WebhookRequestException("$", ReceivedJson.Fault(e));
        }
    }

    /// <summary>Rewrites objects by scan id, and stains, in the platform's form, because classifiers receive the request too.</summary>
    static void Straighten(JsonObject json)
    {
        foreach (var name in (string[])["scans", "scan_urls", "stains"])
            if (json[name] is JsonArray { Count: 0 }) json[name] = new JsonObject();
        if (json["stains"] is not JsonObject stains) return;
        foreach (var (scan, stain) in stains.ToArray())
        {
            if (stain is JsonArray { Count: 0 }) stains[scan] = new JsonObject();
            else if (stain?.GetValueKind() is JsonValueKind.String) stains[scan] = new JsonObject { ["value"] = stain.DeepClone() };
        }
    }

    static (string Text, long Number)? Id(JsonObject json, string name, string? type)
    {
        if (json[name] is not { } node) return null;
        var text = node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number => Number(node),
            _ => null,
        };
        if (text is { Length: 0 }) return null;
        return PlatformId.TryParse(text, type, out var number)
            ? (type is null ? text! : PlatformId.Canonical(text!, type, number), number)
            : throw new WebhookRequestException($"$.{name}", $"is not an id; it must be the base64 of '{type ?? "type"}:number' or a positive number");
    }

    static string? Text(JsonObject json, string name)
    {
        if (json[name] is not { } node) return null;
        var text = node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number => Number(node),
            _ => throw new WebhookRequestException($"$.{name}", "must be a string or a number"),
        };
        return text.Length <= LongestText ? text : throw new WebhookRequestException($"$.{name}", $"has {text.Length} characters; the maximum is {LongestText}");
    }

    /// <summary>A number's text; for a whole number with a fraction or an exponent (<c>1.79e12</c>, <c>42.0</c>), its digits.</summary>
    static string Number(JsonNode node)
    {
        var text = node.ToJsonString();
        return text.AsSpan().ContainsAny('.', 'e', 'E') && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.Truncate(number) == number && Math.Abs(number) <= LargestExact ? number.ToString("0", CultureInfo.InvariantCulture) : text;
    }

    static string? Token(JsonObject json)
    {
        foreach (var name in (string[])["jwt_token", "token"])
        {
            if (json[name] is not { } node) continue;
            if (node.GetValueKind() != JsonValueKind.String) throw new WebhookRequestException($"$.{name}", "must be a string");
            if (node.GetValue<string>() is { Length: > 0 } token)
            {
                // The token goes into a header: a line break here would be an attack or a wrong paste.
                if (token.Length > LongestToken) throw new WebhookRequestException($"$.{name}", $"has {token.Length} characters; the maximum is {LongestToken}");
                return token.All(c => c is > ' ' and <= '~') ? token : throw new WebhookRequestException($"$.{name}", "contains characters that a token cannot have");
            }
        }
        return null;
    }

    static RequestedScan[] Scans(JsonObject json)
    {
        var scans = Object(json, "scans") ?? throw new WebhookRequestException("$.scans", "is missing");
        if (scans.Count == 0) throw new WebhookRequestException("$.scans", "is empty; it must have at least one scan");
        var urls = Object(json, "scan_urls");
        var stains = Object(json, "stains");
        var ids = scans.Select(s => s.Key).Union(urls?.Select(u => u.Key) ?? []).ToArray();
        if (ids.Length > MostScans) throw new WebhookRequestException("$.scans", $"has {ids.Length} scans; the maximum is {MostScans}");
        RequestedScan[] requested = [.. ids.Select(id => new RequestedScan(ScanId(id), Urls(id, scans, urls), Stain(id, stains)))];
        var count = requested.Sum(scan => scan.Urls.Count);
        return count <= MostUrls ? requested : throw new WebhookRequestException("$.scan_urls", $"has {count} URLs; the maximum is {MostUrls}");
    }

    static JsonObject? Object(JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonObject found => found,
        _ => throw new WebhookRequestException($"$.{name}", "must be an object whose keys are scan ids"),
    };

    static string ScanId(string id) =>
        id.Length is > 0 and <= 20 && id.All(char.IsAsciiDigit) ? id : throw new WebhookRequestException("$.scans", "has a scan id that is not 1 to 20 digits");

    static string[] Urls(string id, JsonObject scans, JsonObject? all)
    {
        var first = scans[id] is { } own ? [Url(own, $"$.scans['{id}']")] : Array.Empty<string>();
        var others = all?[id] switch
        {
            null => [],
            JsonArray list => list.Select((url, i) => Url(url, $"$.scan_urls['{id}'][{i}]")),
            _ => throw new WebhookRequestException($"$.scan_urls['{id}']", "must be a list of URLs"),
        };
        string[] urls = [.. first.Union(others)];
        return urls.Length > 0 ? urls : throw new WebhookRequestException($"$.scans['{id}']", "has no URL");
    }

    /// <summary>The URL exactly as it was received, because the signature covers it.</summary>
    static string Url(JsonNode? node, string path)
    {
        if (node?.GetValueKind() != JsonValueKind.String || node.GetValue<string>() is not { Length: <= LongestUrl } text)
            throw new WebhookRequestException(path, $"must be an http or https URL of at most {LongestUrl} characters");
        return SlideUrl.TryParse(text, out _, out var problem) ? text : throw new WebhookRequestException(path, $"must be an http or https URL. {problem.TrimEnd('.')}");
    }

    static Stain? Stain(string id, JsonObject? stains) => stains?[id] switch
    {
        null => null,
        JsonObject stain when Text(stain, "value") is { } value => new Stain(value, Text(stain, "stain_code"), Text(stain, "label")),
        JsonObject => null,
        _ => throw new WebhookRequestException($"$.stains['{id}']", "must be an object with a value"),
    };
}
