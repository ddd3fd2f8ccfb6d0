using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Json;
using Slidebridge.Slides.Sources;
using Slidebridge.Techcyte;

namespace Slidebridge.Webhook;

/// <summary>
/// Reads a webhook's body. It accepts every spelling that the platform's guide and its examples use (<c>model_id</c> or <c>model_name</c>,
/// <c>jwt_token</c> or <c>token</c>, ids in base64 or as numbers), and what other senders make of it and can mean one thing only (docs/decisions/received-json.md).
/// It forgives fields that it does not know, and names the field that it cannot take. What it does not know may hold patient data, and is kept only where that is asked for.
/// </summary>
static class WebhookRequestParser
{
    /// <summary>More scans than a case has slides.</summary>
    const int MostScans = 1000;

    /// <summary>Characters at most. A presigned URL with a session token has some 2 000; a JSON Web Token seldom more than 4 000.</summary>
    const int LongestText = 200, LongestToken = 16_384, LongestUrl = 8192;

    /// <summary>2^53: a sender that holds larger numbers as fractions no longer knows their last digits.</summary>
    const decimal LargestExact = 9_007_199_254_740_992;

    /// <summary>A DICOM series has an object for each level, plane and path.</summary>
    const int MostUrls = 2000;

    /// <summary>Escapes what JSON must, and nothing else: a text of <c>&lt;</c> would be kept at six times its size.</summary>
    static readonly JsonSerializerOptions Compact = new() { MaxDepth = MostLevels, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields of a request that are kept as they came.</summary>
    public static readonly string[] Known = ["company_id", "stains", "task_id", "case_id", "model_id", "model_name"];

    /// <summary>Those that are kept apart from it.</summary>
    static readonly string[] Secret = ["scans", "scan_urls", "jwt_token", "token"];

    /// <summary>Levels of a request at most.</summary>
    const int MostLevels = 32;

    /// <param name="body">JSON, in any encoding of Unicode.</param>
    /// <param name="keepsUnknown">Whether fields that are not known are kept with the request.</param>
    /// <exception cref="WebhookRequestException">It cannot be taken.</exception>
    public static WebhookRequest Parse(ReadOnlyMemory<byte> body, bool keepsUnknown = false)
    {
        try
        {
            return Read(body, keepsUnknown);
        }
        // Half a surrogate pair is found only when its text is read.
        catch (InvalidOperationException)
        {
            throw new WebhookRequestException("$", "a text in it is no valid Unicode; JSON is to be sent as UTF-8");
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
            CompanyId = Text(json, "company_id"), // Tasks are looked up by it, and an index takes no text without end.
            Model = Text(json, "model_id") ?? Text(json, "model_name"),
            Token = Token(json),
            Scans = Scans(json),
            Json = "",
        };
        // Its URLs are kept beside it; with its tokens they are all that is secret in it.
        foreach (var name in json.Select(field => field.Key).Where(name => Secret.Contains(name) || (!keepsUnknown && !Known.Contains(name))).ToArray()) json.Remove(name);
        return request with { Json = json.ToJsonString(Compact) };
    }

    static JsonObject Body(ReadOnlyMemory<byte> body)
    {
        try
        {
            var json = ReceivedJson.ParseNode(body, MostLevels);
            // Encoded twice: an object as the text of a string.
            if (json is JsonValue && json.GetValueKind() is JsonValueKind.String && json.GetValue<string>() is var text && text.AsSpan().TrimStart().StartsWith("{")) json = ReceivedJson.ParseNode(text, MostLevels);
            var found = json as JsonObject ?? throw new WebhookRequestException("$", "a JSON object is expected");
            Straighten(found);
            return found;
        }
        catch (RepeatedKeyException e)
        {
            throw new WebhookRequestException(e.Path!, $"is there twice, the second at {e.Second}; send it once");
        }
        catch (JsonException e)
        {
            throw new WebhookRequestException("$", ReceivedJson.Fault(e));
        }
    }

    /// <summary>Gives objects by scan id, and stains, the shape that the platform gives them: classifiers are told the request too.</summary>
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
            : throw new WebhookRequestException($"$.{name}", $"is no id; base64 of '{type ?? "type"}:number' or a positive number is expected");
    }

    static string? Text(JsonObject json, string name)
    {
        if (json[name] is not { } node) return null;
        var text = node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number => Number(node),
            _ => throw new WebhookRequestException($"$.{name}", "a string or a number is expected"),
        };
        return text.Length <= LongestText ? text : throw new WebhookRequestException($"$.{name}", $"has {text.Length} characters; at most {LongestText} are expected");
    }

    /// <summary>A number's text; of a whole number that is written as a fraction or with an exponent (<c>1.79e12</c>, <c>42.0</c>), its digits.</summary>
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
            if (node.GetValueKind() != JsonValueKind.String) throw new WebhookRequestException($"$.{name}", "a string is expected");
            if (node.GetValue<string>() is { Length: > 0 } token)
            {
                // It goes into a header: a line break here would be somebody's attack or a bad paste.
                if (token.Length > LongestToken) throw new WebhookRequestException($"$.{name}", $"has {token.Length} characters; at most {LongestToken} are expected");
                return token.All(c => c is > ' ' and <= '~') ? token : throw new WebhookRequestException($"$.{name}", "holds characters that no token has");
            }
        }
        return null;
    }

    static RequestedScan[] Scans(JsonObject json)
    {
        var scans = Object(json, "scans") ?? throw new WebhookRequestException("$.scans", "is missing");
        if (scans.Count == 0) throw new WebhookRequestException("$.scans", "is empty; at least one scan is expected");
        var urls = Object(json, "scan_urls");
        var stains = Object(json, "stains");
        var ids = scans.Select(s => s.Key).Union(urls?.Select(u => u.Key) ?? []).ToArray();
        if (ids.Length > MostScans) throw new WebhookRequestException("$.scans", $"{ids.Length} scans; at most {MostScans} are expected");
        RequestedScan[] requested = [.. ids.Select(id => new RequestedScan(ScanId(id), Urls(id, scans, urls), Stain(id, stains)))];
        var count = requested.Sum(scan => scan.Urls.Count);
        return count <= MostUrls ? requested : throw new WebhookRequestException("$.scan_urls", $"{count} URLs; at most {MostUrls} are expected");
    }

    static JsonObject? Object(JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonObject found => found,
        _ => throw new WebhookRequestException($"$.{name}", "an object by scan id is expected"),
    };

    static string ScanId(string id) =>
        id.Length is > 0 and <= 20 && id.All(char.IsAsciiDigit) ? id : throw new WebhookRequestException("$.scans", "a scan id that is not made of digits");

    static string[] Urls(string id, JsonObject scans, JsonObject? all)
    {
        var first = scans[id] is { } own ? [Url(own, $"$.scans['{id}']")] : Array.Empty<string>();
        var others = all?[id] switch
        {
            null => [],
            JsonArray list => list.Select((url, i) => Url(url, $"$.scan_urls['{id}'][{i}]")),
            _ => throw new WebhookRequestException($"$.scan_urls['{id}']", "a list of URLs is expected"),
        };
        string[] urls = [.. first.Union(others)];
        return urls.Length > 0 ? urls : throw new WebhookRequestException($"$.scans['{id}']", "has no URL");
    }

    /// <summary>Kept as it is written, for its signature covers it.</summary>
    static string Url(JsonNode? node, string path)
    {
        if (node?.GetValueKind() != JsonValueKind.String || node.GetValue<string>() is not { Length: <= LongestUrl } text)
            throw new WebhookRequestException(path, $"an http or https URL of at most {LongestUrl} characters is expected");
        return SlideUrl.TryParse(text, out _, out var problem) ? text : throw new WebhookRequestException(path, $"an http or https URL is expected. {problem.TrimEnd('.')}");
    }

    static Stain? Stain(string id, JsonObject? stains) => stains?[id] switch
    {
        null => null,
        JsonObject stain when Text(stain, "value") is { } value => new Stain(value, Text(stain, "stain_code"), Text(stain, "label")),
        JsonObject => null,
        _ => throw new WebhookRequestException($"$.stains['{id}']", "an object with a value is expected"),
    };
}
