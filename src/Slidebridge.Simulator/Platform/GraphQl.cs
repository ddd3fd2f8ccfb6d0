using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Slidebridge.Simulator.Platform;

/// <summary>The only GraphQL query in the platform's guide: <c>objects(sample_id, filter: {evaluation_id}) {confidence height width x y}</c>.</summary>
static partial class GraphQl
{
    public static async Task<IResult> AnswerAsync(HttpContext context, AccessTokens tokens, PlatformState state, CancellationToken cancellationToken)
    {
        JsonElement body;
        string query;
        try
        {
            body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: cancellationToken);
            query = body.GetProperty("query").GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return PlatformEndpoints.Error(400, "the body must be an object with a query");
        }
        if (Objects().Match(query) is not { Success: true } match)
            return PlatformEndpoints.Error(400, "the query must be objects(sample_id: …, filter: {evaluation_id: …}) {confidence height width x y}");
        if (!tokens.Knows(context.Request)) return PlatformEndpoints.Unauthorized();

        var scan = Value(match.Groups["scan"].Value, body);
        var evaluationId = match.Groups["filter"].Value is { Length: > 0 } filter
            ? Variable(filter, body) is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("evaluation_id", out var id) ? Text(id) : null
            : Value(match.Groups["evaluation"].Value, body);
        var found = state.Evaluations.FirstOrDefault(e => e.Scan == scan && e.Id.ToString(CultureInfo.InvariantCulture) == evaluationId);
        if (found is not null && !tokens.Allows(context.Request, found.TaskNumber)) return PlatformEndpoints.Unauthorized();

        var features = found is not null && found.Result.TryGetProperty("geojson", out var geojson) && geojson.ValueKind is JsonValueKind.Object
            ? geojson.GetProperty("features").EnumerateArray().Select(f => BoxJson(Box(f), match.Groups["field"].Captures)) : [];
        return PlatformEndpoints.Json(new JsonObject { ["data"] = new JsonObject { ["objects"] = new JsonArray([.. features]) } });
    }

    static JsonObject BoxJson(JsonObject box, CaptureCollection fields) => new(fields.Select(f => f.Value).Distinct().Select(f => KeyValuePair.Create(f, box[f]?.DeepClone())));

    /// <summary>The stored box: the feature's own, otherwise that of its Polygon, otherwise zero.</summary>
    static JsonObject Box(JsonElement feature)
    {
        var (left, top, right, bottom) = (0d, 0d, 0d, 0d);
        var geometry = feature.GetProperty("geometry");
        if (feature.TryGetProperty("bbox", out var box) && box.ValueKind is JsonValueKind.Array)
            (left, top, right, bottom) = (box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble());
        else if (geometry.GetProperty("type").ValueEquals("Polygon"))
        {
            var outline = geometry.GetProperty("coordinates")[0].EnumerateArray().Select(p => (X: p[0].GetDouble(), Y: p[1].GetDouble())).ToArray();
            (left, top, right, bottom) = (outline.Min(p => p.X), outline.Min(p => p.Y), outline.Max(p => p.X), outline.Max(p => p.Y));
        }
        var confidence = feature.GetProperty("properties").TryGetProperty("confidence", out var own) && own.ValueKind is JsonValueKind.Number && double.IsFinite(own.GetDouble()) ? own.GetDouble() : (double?)null;
        return new JsonObject { ["confidence"] = confidence, ["height"] = bottom - top, ["width"] = right - left, ["x"] = left, ["y"] = top };
    }

    static string? Value(string text, JsonElement body) => text.StartsWith('$') ? Text(Variable(text, body)) : text.Trim('"');

    static JsonElement Variable(string name, JsonElement body) =>
        body.TryGetProperty("variables", out var variables) && variables.ValueKind is JsonValueKind.Object && variables.TryGetProperty(name.TrimStart('$'), out var value) ? value : default;

    static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    [GeneratedRegex("""objects\s*\(\s*sample_id\s*:\s*(?<scan>"?\d+"?|\$\w+)\s*,?\s*filter\s*:\s*(?:\{\s*evaluation_id\s*:\s*(?<evaluation>"?\d+"?|\$\w+)\s*\}|(?<filter>\$\w+))\s*\)\s*\{\s*(?:(?<field>confidence|height|width|x|y)\b[\s,]*)+\}""")]
    private static partial Regex Objects();
}
