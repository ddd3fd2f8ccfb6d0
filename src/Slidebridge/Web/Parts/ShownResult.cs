using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Units;

namespace Slidebridge.Web.Parts;

/// <summary>A saved result as a page shows it: short sentences and tables.</summary>
/// <param name="Triage">The case's triage, in a sentence; null if the result has none.</param>
/// <param name="CaseTables">Values of the case.</param>
/// <param name="Scans">One for each scan with a result.</param>
/// <param name="Trouble">Why it is not shown here; null if it is.</param>
sealed record ShownResult(string? Triage, IReadOnlyList<ResultTable> CaseTables, IReadOnlyList<ShownScan> Scans, string? Trouble = null)
{
    /// <summary>A larger result would take many times its size of memory as objects.</summary>
    const int Largest = 16 << 20;

    public static ShownResult Of(byte[] json)
    {
        if (json.Length > Largest) return new(null, [], [], $"The result has {ByteSize.About(json.Length)}, which is too much for tables. Its objects are in the viewer.");
        try
        {
            var result = ResultsJson.Parse(json);
            return new(TriageOf(result.CaseResults), Tables(ResultTable.OfValues("Case", result.CaseResults, "triage")), [.. result.ScanResults.Select(ShownScan.Of)]);
        }
        catch (Exception e) when (e is JsonException or InvalidResultsException)
        {
            return new(null, [], [], "The saved result cannot be read as a result of the platform's schema.");
        }
    }

    static string? TriageOf(JsonObject? values) => values?["triage"] is JsonObject triage ? $"{triage["category"]}{(triage["score"] is { } score ? $", score {score}" : "")}" : null;

    internal static IReadOnlyList<ResultTable> Tables(params ResultTable?[] tables) => [.. tables.OfType<ResultTable>()];
}

/// <param name="ScanId">The scan.</param>
/// <param name="Summary">The result's own summary.</param>
/// <param name="Link">The result's <c>external_url</c>, if it is an https address.</param>
/// <param name="QualityControl">What quality control found; null: it was not done.</param>
/// <param name="Workflow">The report's origin in a sentence.</param>
sealed record ShownScan(string ScanId, string? Summary, string? Link, string? QualityControl, string? Workflow, IReadOnlyList<ResultTable> Tables)
{
    public static ShownScan Of(ScanResult scan) => new(
        scan.ScanId, scan.Results?["summary"]?.ToString(),
        scan.Results?["external_url"]?.ToString() is { } link && Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps ? link : null,
        scan.QcFailReasons is not { } reasons ? null : reasons.Count == 0 ? "passed" : $"failed: {string.Join(", ", reasons)}",
        scan.Workflow is { } workflow ? $"{workflow.Report.GetType().Name.Replace("Report", "", StringComparison.Ordinal)} report of {workflow.ModelName} ({workflow.Provider}){(workflow.Ruo ? ", for research use only" : "")}{(workflow.Value is null ? "" : $": {workflow.Key} {workflow.Value}")}" : null,
        [.. ShownResult.Tables(ResultTable.OfValues("Values", scan.Results, "summary", "external_url"), Annotations(scan)), .. scan.Workflow is { } made ? ResultTable.Of(made.Report) : []]);

    static ResultTable? Annotations(ScanResult scan)
    {
        var kinds = (scan.GeoJson?.Features ?? []).GroupBy(feature => feature.Properties?["annotation_type"]?.ToString() ?? "(no class)").OrderByDescending(kind => kind.Count()).ToList();
        return kinds.Count == 0 ? null : new("Annotations", ["class", "#count"], [.. kinds.Take(ResultTable.Most).Select(kind => (IReadOnlyList<string>)[kind.Key, ResultTable.Number(kind.Count())])], Math.Max(0, kinds.Count - ResultTable.Most));
    }
}
