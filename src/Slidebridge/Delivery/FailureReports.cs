using Slidebridge.Sdk.Results;
using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>The result that reports to the platform that an analysis failed, so that its request does not wait in the worklist for ever.</summary>
sealed class FailureReports(DeliveryOptions options)
{
    /// <summary>The report, or null if failures are not reported or this task's result is already a report.</summary>
    /// <param name="task">The failed task.</param>
    /// <param name="plain">Why, in one sentence for the pathologist.</param>
    public byte[]? Of(BridgeTask task, string plain)
    {
        if (!options.ReportFailures || task.ReportsFailure) return null;
        var results = new TaskResults
        {
            ScanResults = [.. task.Scans.Select(scan => new ScanResult
            {
                ScanId = scan.ScanId,
                Results = new() { ["summary"] = $"The analysis failed: there is no result. {plain}" },
            })],
        };
        return ResultsValidator.SerializeValid(results, [.. task.Scans.Select(s => s.ScanId)]);
    }
}
