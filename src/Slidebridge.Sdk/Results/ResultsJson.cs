using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results;

/// <summary>Results as UTF-8 JSON in the platform's schema.</summary>
public static class ResultsJson
{
    /// <summary>Deeper than any result.</summary>
    internal const int MaxDepth = 64;

    static readonly ResultsJsonContext Context = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowOutOfOrderMetadataProperties = true, // A report's type need not come first.
        MaxDepth = MaxDepth,
    });

    /// <summary>The JSON that is posted.</summary>
    /// <exception cref="ArgumentException">A number is not finite: JSON has no such number.</exception>
    public static byte[] Serialize(TaskResults results) => JsonSerializer.SerializeToUtf8Bytes(results, Context.TaskResults);

    /// <summary>Reads results. Rules of the platform are not checked: that is <see cref="ResultsValidator"/>'s.</summary>
    /// <exception cref="JsonException">It is not JSON of this shape.</exception>
    public static TaskResults Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Context.TaskResults) ?? throw new JsonException("An object of results is expected; null was found.");
}

[JsonSerializable(typeof(TaskResults))]
sealed partial class ResultsJsonContext : JsonSerializerContext;
