using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results;

/// <summary>
/// What is posted for a task, in the platform's schema. It is taken whole or not at all: one invalid scan refuses it all.
/// Build it with <see cref="ResultsBuilder"/>.
/// </summary>
public sealed record TaskResults
{
    /// <summary>Free values of the case, or null. <c>triage</c> is special: {category, score}.</summary>
    [JsonPropertyName("caseResults")]
    public JsonObject? CaseResults { get; init; }

    /// <summary>One result for each scan that has any.</summary>
    [JsonPropertyName("scanResults")]
    public required IReadOnlyList<ScanResult> ScanResults { get; init; }
}
