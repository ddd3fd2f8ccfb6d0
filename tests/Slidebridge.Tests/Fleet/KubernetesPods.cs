using k8s.Models;

namespace Slidebridge.Tests.Fleet;

/// <summary>What the controllers of a cluster write into Jobs and pods.</summary>
static class KubernetesPods
{
    public static readonly DateTime Noon = new(2026, 5, 4, 12, 0, 0, DateTimeKind.Utc);

    public static V1PodCondition Scheduled(DateTime at) => new() { Type = "PodScheduled", Status = "True", LastTransitionTime = at };

    public static Action<V1Pod> OnNode(string phase, V1ContainerState? state, Action<V1Pod>? more = null) => pod =>
    {
        pod.Spec.NodeName = "node-1";
        pod.Status = new() { Phase = phase, StartTime = Noon, Conditions = [Scheduled(Noon.AddSeconds(-1))], ContainerStatuses = state is null ? null : [new() { Name = "proxy", Image = "proxy:1", State = new() { Running = new() { StartedAt = Noon } } }, new() { Name = "worker", Image = "slidebridge:1", State = state }] };
        more?.Invoke(pod);
    };

    public static V1ContainerState Waiting(string reason, string? message = null) => new() { Waiting = new() { Reason = reason, Message = message } };

    public static V1ContainerState Exit(int code, string reason = "Error", string? message = null) => new() { Terminated = new() { ExitCode = code, Reason = reason, Message = message, FinishedAt = Noon.AddMinutes(10) } };

    public static Action<V1Pod> Unscheduled(string? message) => pod => pod.Status = new() { Phase = "Pending", Conditions = message is null ? null : [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message }] };

    public static Action<V1Pod> Disrupted(string reason, string message) => OnNode("Failed", Exit(143), pod => pod.Status.Conditions.Add(new() { Type = "DisruptionTarget", Status = "True", Reason = reason, Message = message }));

    public static Action<V1Pod> Ended(string reason, string? message = null) => OnNode("Failed", null, pod => (pod.Status.Reason, pod.Status.Message) = (reason, message));

    public static Action<V1Job> Has(string condition, string? reason = null) => job => job.Status = new() { Conditions = [new() { Type = condition, Status = "True", Reason = reason, LastTransitionTime = Noon.AddMinutes(11) }] };

    public static readonly Action<V1Job> Unchanged = _ => { };
}
