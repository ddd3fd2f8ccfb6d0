using Slidebridge.Provenance;
using Slidebridge.Sdk.Results;
using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>The result that reports to the platform that an analysis failed, so that its request does not wait in the worklist for ever.</summary>
sealed class FailureReports(DeliveryOptions options)
{
    /// <summary>Ends a permanently failed task, or saves the report of its failure.</summary>
    /// <param name="store">Where the run writes its steps.</param>
    /// <param name="lease">The run that failed.</param>
    /// <param name="plain">Why, in one sentence for the pathologist.</param>
    /// <param name="failure">Why, for the operator.</param>
    /// <returns>The report, which is to be delivered; null if the task has ended.</returns>
    public async Task<byte[]?> EndAsync(ITaskStore store, TaskLease lease, string plain, TaskChanges failure)
    {
        failure = failure with { Plain = plain };
        if (Of(lease.Task, plain) is not { } report)
        {
            await store.AdvanceAsync(lease, TaskState.Failed, "failed", failure);
            return null;
        }
        await SaveAsync(store, lease, report, failure);
        return report;
    }

    /// <summary>Saves a report in place of a result.</summary>
    public Task SaveAsync(ITaskStore store, TaskLease lease, byte[] report, TaskChanges failure) => store.SaveResultAsync(
        lease, new ClassifiedResult(report, ProvenanceOf(lease.Task, report)), "failed; the failure is reported to the platform",
        failure with { Delays = 0, ReportsFailure = true, DeliverWithin = lease.Task.DeliverUntil is null ? options.Window : null });

    static byte[] ProvenanceOf(BridgeTask task, byte[] report) => new ResultProvenance { Bridge = BridgeProvenance.Own, Worker = task.Node ?? "", Run = task.FencingToken, AcceptedAt = task.AcceptedAt, Result = ResultHash.Of(report) }.ToJson();

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
