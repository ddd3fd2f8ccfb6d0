using k8s.Models;

namespace Slidebridge.Fleet.Engines;

/// <summary>A worker as its Job and its pod show it.</summary>
static class KubernetesWorker
{
    /// <param name="name">The worker's name.</param>
    /// <param name="id">The Job's uid.</param>
    /// <param name="job">Null: deleted, while its pod is still there.</param>
    /// <param name="pod">Null: none yet, or deleted.</param>
    /// <param name="refusal">Why the cluster created no pod, if it says so.</param>
    public static EngineWorker Of(string name, string id, V1Job? job, V1Pod? pod, string? refusal)
    {
        var worker = new EngineWorker(name, id, WorkerPhase.Queued);
        if (KubernetesEnd.Of(job, pod) is { } end)
            return worker with { Phase = WorkerPhase.Ended, End = end.End, Why = end.Why, StartedAt = MachineSince(pod), EndedAt = KubernetesEnd.TimeOf(job, pod) };
        if (job?.Spec?.Suspend == true) return worker with { Why = "the Job is suspended, until a queue such as Kueue admits it" };
        if (pod is null) return worker with { Why = refusal is null ? null : EngineText.With("its pod cannot be created", refusal) };
        if (!IsScheduled(pod)) return worker with { Why = Unscheduled(pod) };
        worker = worker with { Phase = WorkerPhase.Starting, StartedAt = MachineSince(pod) };
        var container = ContainerOf(job, pod);
        if (container?.State?.Running is not null) return worker with { Phase = WorkerPhase.Running };
        if (container?.State?.Terminated is not null) return worker with { Phase = WorkerPhase.Running, Why = "the worker has ended, but another container of its pod still runs" };
        return worker with { Why = Waiting(container, pod) };
    }

    public static bool IsScheduled(V1Pod pod) => !string.IsNullOrEmpty(pod.Spec?.NodeName);

    /// <summary>The state of the worker's own container. The cluster may have put others before it.</summary>
    public static V1ContainerStatus? ContainerOf(V1Job? job, V1Pod pod)
    {
        var name = (job?.Spec?.Template?.Spec?.Containers ?? pod.Spec?.Containers)?.FirstOrDefault()?.Name;
        return pod.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == name);
    }

    public static V1PodCondition? ConditionOf(V1Pod? pod, string type) => pod?.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    public static DateTimeOffset? Time(DateTime? time) => time is { } known ? new DateTimeOffset(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : null;

    static DateTimeOffset? MachineSince(V1Pod? pod) => pod is null || !IsScheduled(pod) ? null
        : Time(pod.Status?.StartTime ?? (ConditionOf(pod, "PodScheduled") is { Status: "True" } scheduled ? scheduled.LastTransitionTime : null));

    /// <summary>The scheduler's message. What follows "preemption:" repeats it for each node.</summary>
    static string? Unscheduled(V1Pod pod) => ConditionOf(pod, "PodScheduled") is { Status: "False", Message: { Length: > 0 } message } ? EngineText.Sentence(message.Split(" preemption:")[0]) : null;

    static string Waiting(V1ContainerStatus? container, V1Pod pod)
    {
        var waiting = (pod.Status?.InitContainerStatuses ?? []).Append(container).FirstOrDefault(c => c?.State?.Waiting?.Reason is not (null or "PodInitializing" or "ContainerCreating"));
        if (waiting is null) return "its node prepares the container";
        var (reason, message) = (waiting.State.Waiting.Reason, waiting.State.Waiting.Message);
        return reason switch
        {
            "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull" or "RegistryUnavailable" or "ImageInspectError" => EngineText.With($"the image {waiting.Image} cannot be pulled", message),
            "InvalidImageName" => $"the image name {waiting.Image} is not valid",
            "CreateContainerConfigError" => EngineText.With("the container cannot be configured", message),
            "CreateContainerError" or "RunContainerError" => EngineText.With("the container cannot be started", message),
            "CrashLoopBackOff" => $"the container {waiting.Name} ends again and again",
            _ => EngineText.With(reason, message),
        };
    }
}
