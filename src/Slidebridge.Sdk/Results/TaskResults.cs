using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results;

/// <summary>
/// What is posted for a task, in the platform's schema. It is taken whole or not at all: one invalid scan refuses it all.
/// Build it with <see cref="ResultsBuilder"/>.
/// </summary>
public sealed record TaskResults
{
    readonly ReadOnlyMemory<byte> valid;
    readonly IReadOnlyCollection<string>? validFor;
    readonly Lazy<TaskResults>? read;

    /// <summary>Results of no scan yet.</summary>
    [JsonConstructor]
    public TaskResults()
    {
    }

    /// <summary>Results that came as JSON. As values they would take many times its memory, and most are only posted.</summary>
    /// <param name="valid">It, without a broken rule.</param>
    /// <param name="scanIds">The scans that it was checked for.</param>
    [SetsRequiredMembers]
    internal TaskResults(ReadOnlyMemory<byte> valid, IReadOnlyCollection<string> scanIds)
    {
        (this.valid, validFor, ScanResults) = (valid, scanIds, []);
        read = new Lazy<TaskResults>(() => ResultsJson.Parse(valid));
    }

    /// <summary>A copy is to be changed: then its bytes would not be it any more.</summary>
    [SetsRequiredMembers]
    TaskResults(TaskResults other) => (CaseResults, ScanResults) = (other.CaseResults, other.ScanResults);

    /// <summary>Free values of the case, or null. <c>triage</c> is special: {category, score}.</summary>
    [JsonPropertyName("caseResults")]
    public JsonObject? CaseResults
    {
        get => read is null ? field : read.Value.CaseResults;
        init;
    }

    /// <summary>One result for each scan that has any.</summary>
    [JsonPropertyName("scanResults")]
    public required IReadOnlyList<ScanResult> ScanResults
    {
        get => read is null ? field : read.Value.ScanResults;
        init;
    }

    /// <summary>
    /// The JSON that these results came as, where it was found valid for these scans; else null. Null too once its values have been read: they can be changed,
    /// and what is posted is what they are then.
    /// </summary>
    internal byte[]? ValidFor(IReadOnlyCollection<string> scanIds)
    {
        if (read is not { IsValueCreated: false } || !validFor!.ToHashSet().SetEquals(scanIds)) return null;
        return MemoryMarshal.TryGetArray(valid, out var part) && part.Array is { } all && part.Count == all.Length ? all : valid.ToArray();
    }
}
