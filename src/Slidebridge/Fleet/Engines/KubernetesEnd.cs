using k8s.Models;

namespace Slidebridge.Fleet.Engines;

/// <summary>Whether and how a worker ended, as its Job and its pod show it.</summary>
static class KubernetesEnd
{
    /// <summary>How it ended; null: it has not.</summary>
    public static (WorkerEnd End, string? Why)? Of(V1Job? job, V1Pod? pod)
    {
        var (complete, failed) = (ConditionOf(job, "Complete"), ConditionOf(job, "Failed"));
        // The pod was listed before it failed: only the next list shows how.
        if (failed is { Reason: not "DeadlineExceeded" } && pod is { Metadata.DeletionTimestamp: null } && !IsOver(pod)) failed = null;
        var isDeleted = job?.Metadata?.DeletionTimestamp is not null || (job is null && pod?.Metadata?.DeletionTimestamp is not null);
        if (complete is null && failed is null && !isDeleted && !IsOver(pod)) return null;
        if (Disruption(pod) is { } taken) return (WorkerEnd.Taken, taken);
        if (failed?.Reason == "DeadlineExceeded") return (WorkerEnd.Taken, "the time limit of its Job (activeDeadlineSeconds) is reached");
        if (WasDeleted(pod)) return (WorkerEnd.Taken, isDeleted ? "its Job was deleted" : "its pod was deleted");
        if (Failure(job, pod) is { } why) return (WorkerEnd.Failed, why);
        if (complete is not null || pod?.Status?.Phase == "Succeeded") return (WorkerEnd.Finished, null);
        if (isDeleted) return (WorkerEnd.Taken, "its Job was deleted");
        return pod is null ? (WorkerEnd.Taken, "its pod was deleted") : (WorkerEnd.Failed, EngineText.With("its pod failed", pod.Status?.Message ?? pod.Status?.Reason ?? failed?.Message));
    }

    public static DateTimeOffset? TimeOf(V1Job? job, V1Pod? pod) => KubernetesWorker.Time(
        (pod is null ? null : KubernetesWorker.ContainerOf(job, pod)?.State?.Terminated?.FinishedAt) ?? job?.Status?.CompletionTime ?? (ConditionOf(job, "Complete") ?? ConditionOf(job, "Failed"))?.LastTransitionTime);

    static V1JobCondition? ConditionOf(V1Job? job, string type) => job?.Status?.Conditions?.FirstOrDefault(c => c.Type == type && c.Status == "True");

    public static bool IsOver(V1Pod? pod) => pod?.Status is { Phase: "Succeeded" or "Failed" } or { Reason: "NodeLost" };

    /// <summary>Why the cluster took the pod's machine; null: it did not.</summary>
    static string? Disruption(V1Pod? pod)
    {
        var message = pod?.Status?.Message;
        switch (pod?.Status?.Reason)
        {
            // What its own task may have used up; everything else is its node's or somebody else's.
            case "Evicted" when message?.Contains("ephemeral", StringComparison.OrdinalIgnoreCase) == true || message?.Contains("low on resource", StringComparison.OrdinalIgnoreCase) == true: return null;
            case "Evicted": return EngineText.With("evicted by its node", message);
            case "Preempting": return EngineText.With("preempted", message);
            case "Terminated" or "Shutdown" or "NodeShutdown": return EngineText.With("its node was shut down", message);
            case "NodeLost": return EngineText.With("its node was lost", message);
            case "DeadlineExceeded": return "the time limit of its pod (activeDeadlineSeconds) is reached";
            case { } reason when reason is "UnexpectedAdmissionError" or "NodeAffinity" or "TopologyAffinityError" || reason.StartsWith("OutOf", StringComparison.Ordinal):
                return EngineText.With($"its node did not admit it ({reason})", message);
        }
        return KubernetesWorker.ConditionOf(pod, "DisruptionTarget") is not { Status: "True" } target ? null : target.Reason switch
        {
            "PreemptionByScheduler" => EngineText.With("preempted for a pod of a higher priority", target.Message),
            "DeletionByTaintManager" => EngineText.With("its node was lost or tainted", target.Message),
            "EvictionByEvictionAPI" => EngineText.With("evicted from its node", target.Message),
            "DeletionByPodGC" => EngineText.With("its node was removed", target.Message),
            "TerminationByKubelet" => EngineText.With("ended by its node", target.Message),
            _ => EngineText.With($"ended by the cluster ({target.Reason})", target.Message),
        };
    }

    /// <summary>Whether the pod was deleted before it ended. The timestamp is the end of its grace period.</summary>
    static bool WasDeleted(V1Pod? pod)
    {
        if (pod?.Metadata?.DeletionTimestamp is not { } limit) return false;
        var asked = limit.AddSeconds(-(pod.Metadata.DeletionGracePeriodSeconds ?? 0));
        return !IsOver(pod) || (pod.Status.ContainerStatuses ?? []).Select(c => c.State?.Terminated?.FinishedAt).OfType<DateTime>().Any(end => end >= asked);
    }

    /// <summary>What the program that failed left; null: each one that ended did so with success.</summary>
    static string? Failure(V1Job? job, V1Pod? pod)
    {
        if (pod?.Status is not { } status) return null;
        var worker = KubernetesWorker.ContainerOf(job, pod);
        var failed = (status.ContainerStatuses ?? []).OrderBy(c => c != worker).Concat(status.InitContainerStatuses ?? []).FirstOrDefault(c => c.State?.Terminated is { ExitCode: not 0 });
        if (failed?.State.Terminated is not { } end) return null;
        var why = end.Reason switch
        {
            "OOMKilled" => "out of memory",
            null or "" or "Error" or "Completed" => $"exit code {end.ExitCode}",
            _ => EngineText.With($"exit code {end.ExitCode} ({end.Reason})", end.Message),
        };
        return failed == worker ? why : $"{why}, in the container {failed.Name}";
    }
}
