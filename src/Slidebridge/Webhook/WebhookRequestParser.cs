using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Techcyte;

namespace Slidebridge.Webhook;

/// <summary>
/// Reads a webhook's body. It accepts every spelling that the platform's guide and its examples use (<c>model_id</c> or <c>model_name</c>,
/// <c>jwt_token</c> or <c>token</c>, ids in base64 or as numbers), keeps what it does not know, and names the field that it cannot take.
/// </summary>
static class WebhookRequestParser
{
    /// <summary>More scans than a case has slides.</summary>
    const int MostScans = 1000;

    const int LongestCompany = 200;

    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <exception cref="WebhookRequestException">It cannot be taken.</exception>
    public static WebhookRequest Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Read(body);
        }
        // Half a surrogate pair is found only when its text is read.
        catch (InvalidOperationException)
        {
            throw new WebhookRequestException("$", "a text in it is no valid Unicode");
        }
    }

    static WebhookRequest Read(ReadOnlyMemory<byte> body)
    {
        JsonObject json;
        try
        {
            json = JsonNode.Parse(body.Span, null, Strict) as JsonObject ?? throw new WebhookRequestException("$", "a JSON object is expected");
        }
        catch (JsonException e)
        {
            throw new WebhookRequestException("$", $"not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }

        var (taskId, taskNumber) = Id(json, "task_id", "task") ?? throw new WebhookRequestException("$.task_id", "is missing");
        var request = new WebhookRequest
        {
            TaskId = taskId,
            TaskNumber = taskNumber,
            CaseNumber = Id(json, "case_id", type: null)?.Number, // Its type differs by the kind of case: humanCase:2421366.
            CompanyId = Company(json),
            Model = Text(json, "model_id") ?? Text(json, "model_name"),
            Token = Token(json),
            Scans = Scans(json),
            Json = "",
        };
        json.Remove("jwt_token");
        json.Remove("token");
        return request with { Json = json.ToJsonString() };
    }

    static (string Text, long Number)? Id(JsonObject json, string name, string? type)
    {
        if (json[name] is not { } node) return null;
        var text = node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number => node.ToJsonString(),
            _ => null,
        };
        return PlatformId.TryParse(text, type, out var number)
            ? (text!, number)
            : throw new WebhookRequestException($"$.{name}", $"is no id; base64 of '{type ?? "type"}:number' or a positive number is expected");
    }

    static string? Text(JsonObject json, string name) => json[name] is not { } node ? null : node.GetValueKind() switch
    {
        JsonValueKind.String => node.GetValue<string>(),
        JsonValueKind.Number => node.ToJsonString(),
        _ => throw new WebhookRequestException($"$.{name}", "a string or a number is expected"),
    };

    // Tasks are looked up by it, and an index takes no text without end.
    static string? Company(JsonObject json) => Text(json, "company_id") is var company && !(company?.Length > LongestCompany) ? company
        : throw new WebhookRequestException("$.company_id", $"has {company.Length} characters; at most {LongestCompany} are expected");

    static string? Token(JsonObject json)
    {
        foreach (var name in (string[])["jwt_token", "token"])
        {
            if (json[name] is not { } node) continue;
            if (node.GetValueKind() != JsonValueKind.String) throw new WebhookRequestException($"$.{name}", "a string is expected");
            if (node.GetValue<string>() is { Length: > 0 } token)
            {
                // It goes into a header: a line break here would be somebody's attack or a bad paste.
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
        return [.. ids.Select(id => new RequestedScan(ScanId(id), Urls(id, scans, urls), Stain(id, stains)))];
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

    /// <summary>Kept as it is written, for its signature covers it; so what <see cref="Uri"/> would forgive (blanks in front, line breaks) is refused.</summary>
    static string Url(JsonNode? node, string path) =>
        node?.GetValueKind() == JsonValueKind.String && node.GetValue<string>() is var text && text.All(c => c > ' ')
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
            ? text
            : throw new WebhookRequestException(path, "an http or https URL is expected");

    static Stain? Stain(string id, JsonObject? stains) => stains?[id] switch
    {
        null => null,
        JsonObject stain when Text(stain, "value") is { } value => new Stain(value, Text(stain, "stain_code"), Text(stain, "label")),
        JsonObject => null,
        _ => throw new WebhookRequestException($"$.stains['{id}']", "an object with a value is expected"),
    };
}
