using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results;

/// <summary>
/// The body of a task's post, in the platform's schema. The platform accepts or refuses it as a whole: one invalid scan makes it refuse everything.
/// Build it with <see cref="ResultsBuilder"/>.
/// </summary>
public sealed record TaskResults
{
    readonly ReadOnlyMemory<byte> valid;
    readonly IReadOnlyCollection<string>? validFor;
    readonly Lazy<TaskResults>? read;

    /// <summary>Creates results without scans.</summary>
    [JsonConstructor]
    public TaskResults()
    {
    }

    /// <summary>Creates results from JSON that is kept as text. Parsed values would need many times its memory, and most results are only posted.</summary>
    /// <param name="valid">The checked JSON.</param>
    /// <param name="scanIds">The scans that it was checked for.</param>
    [SetsRequiredMembers]
    internal TaskResults(ReadOnlyMemory<byte> valid, IReadOnlyCollection<string> scanIds)
    {
        (this.valid, validFor, ScanResults) = (valid, scanIds, []);
        read = new Lazy<TaskResults>(() => ResultsJson.Parse(valid));
    }

    /// <summary>For a copy with changes (<c>with</c>): the bytes do not apply to it.</summary>
    [SetsRequiredMembers]
    TaskResults(TaskResults other) => (CaseResults, ScanResults) = (other.CaseResults, other.ScanResults);

    /// <summary>Free values of the case, or null. <c>triage</c> is special: {category, score}.</summary>
    [JsonPropertyName("caseResults")]
    public JsonObject? CaseResults
    {
        get => read is null ? field : read.Value.CaseResults;
        init;
    }

    /// <summary>At most one result for each scan.</summary>
    [JsonPropertyName("scanResults")]
    public required IReadOnlyList<ScanResult> ScanResults
    {
        get => read is null ? field : read.Value.ScanResults;
        init;
    }

    /// <summary>
    /// The JSON that these results were created from, if it is valid for these scans; otherwise null. Also null after the values have been read, because they may have been changed;
    /// then the current values are posted.
    /// </summary>
    internal byte[]? ValidFor(IReadOnlyCollection<string> scanIds)
    {
        if (read is not { IsValueCreated: false } || !validFor!.ToHashSet().SetEquals(scanIds)) return null;
        return MemoryMarshal.TryGetArray(valid, out var part) && part.Array is { } all && part.Count == all.Length ? all : valid.ToArray();
    }
}
