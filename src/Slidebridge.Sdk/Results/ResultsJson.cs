using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Sdk.Json;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results;

/// <summary>Results as UTF-8 JSON in the platform's schema.</summary>
public static class ResultsJson
{
    /// <summary>Deeper than any result.</summary>
    internal const int MaxDepth = 64;

    static readonly ResultsJsonContext Context = new(Options(JsonNumberHandling.Strict)), Lenient = new(Options(JsonNumberHandling.AllowNamedFloatingPointLiterals));

    /// <summary>The JSON that is posted.</summary>
    /// <exception cref="ArgumentException">A number is not finite: JSON has no such number.</exception>
    /// <exception cref="JsonException">A free value is nested deeper than 64 levels, or was read from JSON whose text is not Unicode.</exception>
    public static byte[] Serialize(TaskResults results) => JsonSerializer.SerializeToUtf8Bytes(results, Context.TaskResults);

    /// <summary>Writes one feature as GeoJSON, for a file of many.</summary>
    /// <exception cref="ArgumentException">A number is not finite: JSON has no such number.</exception>
    public static void Write(Utf8JsonWriter json, Feature feature) => JsonSerializer.Serialize(json, feature, Context.Feature);

    /// <summary>Reads one feature, of many that are not wanted all at once.</summary>
    /// <exception cref="JsonException">It is not JSON of this shape.</exception>
    public static Feature ReadFeature(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.Feature) ?? throw new JsonException("A feature is expected; null was found.");

    /// <summary>Reads the workflow of one scan.</summary>
    /// <exception cref="JsonException">It is not JSON of this shape.</exception>
    public static Workflow ReadWorkflow(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.Workflow) ?? throw new JsonException("A workflow is expected; null was found.");

    /// <summary>Reads results. Rules of the platform are not checked: that is <see cref="ResultsValidator"/>'s.</summary>
    /// <exception cref="JsonException">It is not JSON of this shape, or an object has a key twice, which is named with its place.</exception>
    public static TaskResults Parse(ReadOnlySpan<byte> json) => Parse((ReadOnlyMemory<byte>)json.ToArray());

    /// <summary>
    /// Takes results that break no rule of the platform. Only the rules are checked now: the values are read where somebody asks for them, and until then
    /// <see cref="ResultsValidator.SerializeValid"/> gives back the bytes that were checked.
    /// </summary>
    /// <param name="json">JSON, from anywhere. It is kept, and must not change any more.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <exception cref="InvalidResultsException">A rule is broken; every problem is told, at most 100.</exception>
    public static TaskResults ParseValid(ReadOnlyMemory<byte> json, IReadOnlyCollection<string> scanIds)
    {
        var problems = ResultsValidator.ValidateReceived(ref json, scanIds);
        return problems.Count > 0 ? throw new InvalidResultsException(problems) : new TaskResults(Trimmed(json), scanIds);
    }

    /// <summary>As <see cref="Parse(ReadOnlySpan{byte})"/>, without a copy.</summary>
    internal static TaskResults Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            // By way of a document: a serializer that is told to refuse a member twice still takes it inside free values.
            using var document = ReceivedJson.ParseDocument(json, MaxDepth);
            return document.Deserialize(Context.TaskResults) ?? throw new JsonException("An object of results is expected; null was found.");
        }
        catch (NotSupportedException e)
        {
            throw new JsonException("A geometry or a report has no type.", e);
        }
    }

    /// <summary>Without white space around it: what is posted ends with its last brace, which is held back until the post may be made.</summary>
    static ReadOnlyMemory<byte> Trimmed(ReadOnlyMemory<byte> json)
    {
        var start = json.Span.IndexOf((byte)'{');
        return json[start..(json.Span.LastIndexOf((byte)'}') + 1)];
    }

    /// <summary>The JSON with each number that is not finite as a string such as <c>"NaN"</c>, so that a rule finds it and tells its path.</summary>
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
