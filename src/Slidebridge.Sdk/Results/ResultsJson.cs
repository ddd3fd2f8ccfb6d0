using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Sdk.Json;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results;

/// <summary>Results as UTF-8 JSON in the platform's schema.</summary>
public static class ResultsJson
{
    /// <summary>Maximum nesting depth; no real result is nested so deeply.</summary>
    internal const int MaxDepth = 64;

    static readonly ResultsJsonContext Context = new(Options(JsonNumberHandling.Strict)), Lenient = new(Options(JsonNumberHandling.AllowNamedFloatingPointLiterals));

    /// <summary>The JSON for the post.</summary>
    /// <exception cref="ArgumentException">A number is not finite, which JSON does not support.</exception>
    /// <exception cref="JsonException">A free value is nested deeper than 64 levels, or was read from JSON whose text is not Unicode.</exception>
    public static byte[] Serialize(TaskResults results) => JsonSerializer.SerializeToUtf8Bytes(results, Context.TaskResults);

    /// <summary>Writes one feature as GeoJSON, for a file of many features.</summary>
    /// <exception cref="ArgumentException">A number is not finite, which JSON does not support.</exception>
    public static void Write(Utf8JsonWriter json, Feature feature) => JsonSerializer.Serialize(json, feature, Context.Feature);

    /// <summary>Reads one feature, for callers that read many features one by one.</summary>
    /// <exception cref="JsonException">The text is not JSON of this shape.</exception>
    public static Feature ReadFeature(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.Feature) ?? throw new JsonException("Expected a feature, found null.");

    /// <summary>Reads the workflow of one scan.</summary>
    /// <exception cref="JsonException">The text is not JSON of this shape.</exception>
    public static Workflow ReadWorkflow(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.Workflow) ?? throw new JsonException("Expected a workflow, found null.");

    /// <summary>Reads results. The platform's rules are not checked: <see cref="ResultsValidator"/> does that.</summary>
    /// <exception cref="JsonException">The text is not JSON of this shape, or an object has a key twice; the message names the key and its position.</exception>
    public static TaskResults Parse(ReadOnlySpan<byte> json) => Parse((ReadOnlyMemory<byte>)json.ToArray());

    /// <summary>
    /// Checks results by the platform's rules and returns them. The values are parsed only when they are read; until then,
    /// <see cref="ResultsValidator.SerializeValid"/> returns the checked bytes.
    /// </summary>
    /// <param name="json">JSON from any source. The result keeps the memory, which must not change any more.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <exception cref="InvalidResultsException">A rule is broken; the exception lists the problems, at most 100.</exception>
    public static TaskResults ParseValid(ReadOnlyMemory<byte> json, IReadOnlyCollection<string> scanIds)
    {
        var problems = ResultsValidator.ValidateReceived(ref json, scanIds);
        return problems.Count > 0 ? throw new InvalidResultsException(problems) : new TaskResults(Trimmed(json), scanIds);
    }

    /// <summary>Like <see cref="Parse(ReadOnlySpan{byte})"/>, without a copy.</summary>
    internal static TaskResults Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            // Through a document: a serializer that refuses duplicate members still accepts them inside free values.
            using var document = ReceivedJson.ParseDocument(json, MaxDepth);
            return document.Deserialize(Context.TaskResults) ?? throw new JsonException("Expected an object of results, found null.");
        }
        catch (NotSupportedException e)
        {
            throw new JsonException("A geometry or a report has no type.", e);
        }
    }

    /// <summary>Removes white space around the JSON: the posted body must end with its last brace, because the bridge sends that byte only when the post is allowed.</summary>
    static ReadOnlyMemory<byte> Trimmed(ReadOnlyMemory<byte> json)
    {
        var start = json.Span.IndexOf((byte)'{');
        return json[start..(json.Span.LastIndexOf((byte)'}') + 1)];
    }

    /// <summary>The JSON with each number that is not finite as a string such as <c>"NaN"</c>, so that a rule finds it and reports its path.</summary>
    /// <exception cref="JsonException">As above.</exception>
    internal static byte[] Serialize(TaskResults results, out bool finite)
    {
        finite = true;
        try
        {
            return Serialize(results);
        }
        catch (ArgumentException)
        {
            finite = false;
            return JsonSerializer.SerializeToUtf8Bytes(results, Lenient.TaskResults);
        }
    }

    static JsonSerializerOptions Options(JsonNumberHandling numbers) => new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowOutOfOrderMetadataProperties = true, // A report's type need not come first.
        NumberHandling = numbers,
        MaxDepth = MaxDepth,
    };
}

[JsonSerializable(typeof(TaskResults))]
sealed partial class ResultsJsonContext : JsonSerializerContext;
