using System.Text.RegularExpressions;

namespace Slidebridge.Fleet.Engines;

/// <summary>What DescribeJobs says about a job. Times are milliseconds since 1970.</summary>
/// <param name="StartedAt">When its container started. Batch does not state when its machine started.</param>
/// <param name="IsTerminated">TerminateJob was called.</param>
/// <param name="IsCancelled">CancelJob was called.</param>
sealed partial record BatchJob(
    string JobId, string JobName, string Status, string? StatusReason = null, long? StartedAt = null, long? StoppedAt = null, bool? IsTerminated = null, bool? IsCancelled = null,
    BatchContainer? Container = null, IReadOnlyList<BatchAttempt>? Attempts = null, IReadOnlyDictionary<string, string>? Tags = null)
{
    /// <exception cref="FleetEngineException">The status is not one of AWS Batch.</exception>
    public EngineWorker ToWorker()
    {
        var last = Attempts is [.., var attempt] ? attempt : null;
        var container = last?.Container ?? Container;
        var worker = new EngineWorker(JobName, JobId, Phase()) { StartedAt = Time(StartedAt ?? last?.StartedAt), Why = Sentence(StatusReason) };
        if (worker.Phase is not WorkerPhase.Ended) return worker;
        worker = worker with { EndedAt = Time(StoppedAt ?? last?.StoppedAt) };
        if (Status == "SUCCEEDED") return worker with { End = WorkerEnd.Finished, Why = null };
        return IsTaken() ? worker with { End = WorkerEnd.Taken, Why = Taken() } : worker with { End = WorkerEnd.Failed, Why = Failed(container) };
    }

    WorkerPhase Phase() => Status switch
    {
        "SUBMITTED" or "PENDING" or "RUNNABLE" => WorkerPhase.Queued,
        "STARTING" => WorkerPhase.Starting,
        "RUNNING" => WorkerPhase.Running,
        "SUCCEEDED" or "FAILED" => WorkerPhase.Ended,
        _ => throw new FleetEngineException($"AWS Batch gives job {JobId} the status '{BatchErrors.Line(Status)}', which this version of the bridge does not know."),
    };

    bool IsTaken() => IsTerminated is true || IsCancelled is true || TakenReason().IsMatch(StatusReason ?? "");

    string Taken() => Sentence(StatusReason) switch
    {
        null => "the job was cancelled or terminated",
        var reason when reason.StartsWith("Host EC2", StringComparison.OrdinalIgnoreCase) => $"its machine was taken away: {reason}",
        var reason when reason.Contains("duration exceeded timeout", StringComparison.OrdinalIgnoreCase) => "the job definition's time limit ended it",
        var reason => $"the job was cancelled or terminated: {reason}",
    };

    string Failed(BatchContainer? container)
    {
        var reason = Sentence(container?.Reason);
        if (reason is not null && reason.StartsWith("OutOfMemory", StringComparison.OrdinalIgnoreCase)) return "its container used more memory than the job definition gives it";
        if (reason is not null && reason.StartsWith("CannotPullContainer", StringComparison.OrdinalIgnoreCase)) return $"its image could not be pulled: {reason}";
        if (reason is not null) return $"its container failed: {reason}";
        if (container?.ExitCode is { } code and not 0) return $"its program ended with exit code {code}";
        return Sentence(StatusReason) ?? "AWS Batch does not state a reason";
    }

    static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } since and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null;

    static string? Sentence(string? text) => string.IsNullOrWhiteSpace(text) ? null : BatchErrors.Line(text);

    [GeneratedRegex(@"^Host EC2 .*terminated|\bspot\b|attempt duration exceeded timeout|\b(terminated|cancell?ed) by\b", RegexOptions.IgnoreCase)]
    private static partial Regex TakenReason();
}

sealed record BatchContainer(int? ExitCode = null, string? Reason = null);

sealed record BatchAttempt(BatchContainer? Container = null, long? StartedAt = null, long? StoppedAt = null);
