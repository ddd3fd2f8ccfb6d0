using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary>A result in a few lines: the case's triage and values, then each scan's summary, quality control, shapes and report.</summary>
static class ResultSummary
{
    /// <summary>Maximum values, and maximum kinds of shapes, that are printed for one scan.</summary>
    const int Most = 6;

    /// <summary>Free values with a special meaning.</summary>
    static readonly string[] Special = ["triage", "summary", "external_url"];

    public static IEnumerable<string> Of(TaskResults results)
    {
        if (results.CaseResults is { } found)
        {
            if (found["triage"] is JsonObject triage) yield return PlainText.Line($"triage: {triage["category"]}{(triage["score"] is { } score ? $", score {score}" : "")}");
            if (Values(found) is { Length: > 0 } values) yield return PlainText.Line($"case: {values}");
        }
        foreach (var scan in results.ScanResults) yield return PlainText.Line($"scan {scan.ScanId}: {string.Join("; ", Parts(scan).DefaultIfEmpty("no result"))}");
    }

    static IEnumerable<string> Parts(ScanResult scan)
    {
        if (scan.Results?["summary"] is JsonValue summary) yield return summary.ToString();
        if (scan.Results is { } free && Values(free) is { Length: > 0 } values) yield return values;
        if (scan.QcFailReasons is { } reasons) yield return reasons.Count == 0 ? "quality control passed" : $"quality control failed: {string.Join(", ", reasons)}";
        if (scan.Workflow is { } workflow) yield return $"{workflow.Report.GetType().Name.Replace("Report", "", StringComparison.Ordinal)} report of {workflow.ModelName}{(workflow.Value is null ? "" : $": {workflow.Key} {workflow.Value}")}";
        var kinds = scan.Shapes().GroupBy(shape => shape.Type).Select(kind => (Name: kind.Key, Count: kind.Count())).OrderByDescending(kind => kind.Count).ToList();
        if (kinds.Count > 0) yield return $"{Counted.Text(kinds.Sum(kind => kind.Count), "shape")} ({string.Join(", ", kinds.Take(Most).Select(kind => $"{kind.Name} {kind.Count.ToString(CultureInfo.InvariantCulture)}"))}{(kinds.Count > Most ? ", …" : "")})";
    }

    static string Values(JsonObject free)
    {
        var values = free.Where(value => value.Value is JsonValue && !Special.Contains(value.Key)).Select(value => $"{value.Key} {(value.Value!.GetValueKind() is JsonValueKind.String ? $"\"{value.Value}\"" : value.Value.ToJsonString())}").ToList();
        return string.Join(", ", values.Take(Most)) + (values.Count > Most ? ", …" : "");
    }
}
