using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slidebridge.Simulator.Platform;

/// <summary>
/// The details of an evaluation: the scan's values, with a string link moved to its own member, and the case's values if they were sent.
/// The annotations, the quality control and the workflow are not returned.
/// </summary>
static class EvaluationDetails
{
    /// <exception cref="InvalidOperationException">A text is not Unicode, so it cannot be written again.</exception>
    public static JsonObject Of(JsonElement result, JsonElement caseResults)
    {
        var details = new JsonObject();
        if (result.TryGetProperty("results", out var values) && values.ValueKind is JsonValueKind.Object)
        {
            var report = Copy(values)!.AsObject();
            details["report"] = report;
            if (report["external_url"] is JsonValue url && url.GetValueKind() is JsonValueKind.String)
            {
                report.Remove("external_url");
                details["external_url"] = url;
            }
        }
        if (caseResults.ValueKind is JsonValueKind.Object) details["caseReport"] = Copy(caseResults);
        return details;
    }

    /// <summary>A copy of a value in which, of duplicate members, only the last is kept.</summary>
    static JsonNode? Copy(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var copy = new JsonObject();
                foreach (var member in value.EnumerateObject()) copy[member.Name] = Copy(member.Value);
                return copy;
            case JsonValueKind.Array: return new JsonArray([.. value.EnumerateArray().Select(Copy)]);
            case JsonValueKind.String: return JsonValue.Create(value.GetString());
            case JsonValueKind.Null: return null;
            default: return JsonValue.Create(value);
        }
    }
}
