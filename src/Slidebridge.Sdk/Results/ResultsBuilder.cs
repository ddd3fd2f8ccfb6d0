using System.Text.Json.Nodes;

namespace Slidebridge.Sdk.Results;

/// <summary>
/// Builds a valid result with little code:
/// <code>
/// var results = new ResultsBuilder();
/// results.Case.Set("mitosisCount", 12).Triage("urgent", 0.92);
/// results.Scan(scan.Id).Summary("12 mitoses").Box(x, y, width, height, "mitosis").QcPass();
/// return results.Build();
/// </code>
/// </summary>
public sealed class ResultsBuilder
{
    readonly Dictionary<string, ScanResultBuilder> scans = [];

    /// <summary>The case's values.</summary>
    public CaseResultsBuilder Case { get; } = new();

    /// <summary>The result of a scan; the same object for every call with this id.</summary>
    /// <param name="scanId">The scan's id.</param>
    public ScanResultBuilder Scan(string scanId) => scans.TryGetValue(scanId, out var scan) ? scan : scans[scanId] = new ScanResultBuilder(scanId);

    /// <summary>The results, checked by the platform's rules, except whether the scans belong to the task: the bridge checks that.</summary>
    /// <exception cref="InvalidResultsException">A rule is broken; the exception lists every problem.</exception>
    public TaskResults Build()
    {
        var results = new TaskResults { CaseResults = Case.Build(), ScanResults = [.. scans.Values.Select(scan => scan.Build())] };
        return ResultsValidator.Validate(results, scans.Keys) is { Count: > 0 } problems ? throw new InvalidResultsException(problems) : results;
    }
}

/// <summary>The values of a case.</summary>
public sealed class CaseResultsBuilder
{
    readonly JsonObject values = [];

    /// <summary>Sets a free value; the current value is copied.</summary>
    public CaseResultsBuilder Set(string name, JsonNode? value)
    {
        values[name] = value?.DeepClone();
        return this;
    }

    /// <summary>Sets the case's triage. The platform sorts its worklist by triage.</summary>
    /// <param name="category">The category's name.</param>
    /// <param name="score">Its score; finite.</param>
    public CaseResultsBuilder Triage(string category, double score) => Set("triage", new JsonObject { ["category"] = category, ["score"] = score });

    internal JsonObject? Build() => values.Count == 0 ? null : values.DeepClone().AsObject();
}
