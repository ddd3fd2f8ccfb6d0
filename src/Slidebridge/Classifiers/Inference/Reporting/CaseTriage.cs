using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Inference.Reporting;

/// <summary>A case's triage by the first rule that matches; for several scans, the highest value of the measure counts.</summary>
static class CaseTriage
{
    public static void Write(CaseResultsBuilder results, IReadOnlyList<TriageRule> rules, IReadOnlyList<IReadOnlyDictionary<string, double>> scans)
    {
        foreach (var rule in rules)
        {
            if (rule.Measure is null)
            {
                results.Triage(rule.Category, rule.Score!.Value);
                return;
            }
            double[] values = [.. scans.Where(s => s.ContainsKey(rule.Measure)).Select(s => s[rule.Measure])];
            if (values.Length == 0 || values.Max() < rule.From) continue;
            results.Triage(rule.Category, rule.Score ?? Math.Round(values.Max(), 6));
            return;
        }
    }
}
