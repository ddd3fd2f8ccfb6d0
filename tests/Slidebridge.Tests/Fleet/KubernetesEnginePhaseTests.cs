using k8s.Models;
using Slidebridge.Fleet.Engines;
using static Slidebridge.Tests.Fleet.KubernetesPods;
using static Slidebridge.Tests.Fleet.KubernetesSetup;

namespace Slidebridge.Tests.Fleet;

/// <summary>What Jobs and pods show about workers.</summary>
public sealed class KubernetesEnginePhaseTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static readonly Dictionary<string, (Action<V1Job> Job, Action<V1Pod>? Pod, WorkerPhase Phase, WorkerEnd? End, string? Why)> Cases = new()
    {
        ["no pod yet"] = (Unchanged, null, WorkerPhase.Queued, null, null),
        ["suspended"] = (job => job.Spec.Suspend = true, null, WorkerPhase.Queued, null, "the Job is suspended, until a queue such as Kueue admits it"),
        ["not seen by the scheduler"] = (Unchanged, Unscheduled(null), WorkerPhase.Queued, null, null),
        ["unschedulable"] = (Unchanged, Unscheduled("0/5 nodes are available: 5 Insufficient nvidia.com/gpu. preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling."), WorkerPhase.Queued, null, "0/5 nodes are available: 5 Insufficient nvidia.com/gpu"),
        ["no status of the container"] = (Unchanged, OnNode("Pending", null), WorkerPhase.Starting, null, "its node prepares the container"),
        ["being created"] = (Unchanged, OnNode("Pending", Waiting("ContainerCreating")), WorkerPhase.Starting, null, "its node prepares the container"),
        ["no image"] = (Unchanged, OnNode("Pending", Waiting("ErrImagePull", "manifest unknown")), WorkerPhase.Starting, null, "the image slidebridge:1 cannot be pulled: manifest unknown"),
        ["no image for longer"] = (Unchanged, OnNode("Pending", Waiting("ImagePullBackOff", "Back-off pulling image \"slidebridge:1\"")), WorkerPhase.Starting, null, "the image slidebridge:1 cannot be pulled: Back-off pulling image \"slidebridge:1\""),
        ["an image name that is not one"] = (Unchanged, OnNode("Pending", Waiting("InvalidImageName")), WorkerPhase.Starting, null, "the image name slidebridge:1 is not valid"),
        ["no secret"] = (Unchanged, OnNode("Pending", Waiting("CreateContainerConfigError", "secret \"worker\" not found")), WorkerPhase.Starting, null, "the container cannot be configured: secret \"worker\" not found"),
        ["not created"] = (Unchanged, OnNode("Pending", Waiting("CreateContainerError", "no such device.")), WorkerPhase.Starting, null, "the container cannot be started: no such device"),
        ["another reason"] = (Unchanged, OnNode("Pending", Waiting("Unheard")), WorkerPhase.Starting, null, "Unheard"),
        ["an init container that crashes"] = (Unchanged, OnNode("Pending", Waiting("PodInitializing"), pod => pod.Status.InitContainerStatuses = [new() { Name = "model", Image = "model:1", State = Waiting("CrashLoopBackOff") }]), WorkerPhase.Starting, null, "the container model ends again and again"),
        ["running"] = (Unchanged, OnNode("Running", new() { Running = new() { StartedAt = Noon.AddSeconds(30) } }), WorkerPhase.Running, null, null),
        ["failed since its pod was listed"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Running", new() { Running = new() { StartedAt = Noon } }), WorkerPhase.Running, null, null),
        ["ended beside another container"] = (Unchanged, OnNode("Running", Exit(0, "Completed")), WorkerPhase.Running, null, "the worker has ended, but another container of its pod still runs"),
        ["complete"] = (Has("Complete"), OnNode("Succeeded", Exit(0, "Completed")), WorkerPhase.Ended, WorkerEnd.Finished, null),
        ["complete, without its pod"] = (Has("Complete"), null, WorkerPhase.Ended, WorkerEnd.Finished, null),
        ["succeeded, and the Job does not know it yet"] = (Unchanged, OnNode("Succeeded", Exit(0, "Completed")), WorkerPhase.Ended, WorkerEnd.Finished, null),
        ["exit code"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Failed", Exit(2)), WorkerPhase.Ended, WorkerEnd.Failed, "exit code 2"),
        ["exit code, and the Job does not know it yet"] = (Unchanged, OnNode("Failed", Exit(75)), WorkerPhase.Ended, WorkerEnd.Failed, "exit code 75"),
        ["out of memory"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Failed", Exit(137, "OOMKilled")), WorkerPhase.Ended, WorkerEnd.Failed, "out of memory"),
        ["no program"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Failed", Exit(128, "StartError", "exec: \"slidebridg\": executable file not found in $PATH")), WorkerPhase.Ended, WorkerEnd.Failed, "exit code 128 (StartError): exec: \"slidebridg\": executable file not found in $PATH"),
        ["another container failed"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Failed", Exit(0, "Completed"), pod => pod.Status.ContainerStatuses[0].State = Exit(1)), WorkerPhase.Ended, WorkerEnd.Failed, "exit code 1, in the container proxy"),
        ["failed without a reason"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Failed", null), WorkerPhase.Ended, WorkerEnd.Failed, "its pod failed"),
        ["evicted"] = (Has("Failed", "BackoffLimitExceeded"), Ended("Evicted", "The node had condition: [DiskPressure]."), WorkerPhase.Ended, WorkerEnd.Taken, "evicted by its node: The node had condition: [DiskPressure]"),
        ["evicted for what it used"] = (Has("Failed", "BackoffLimitExceeded"), Ended("Evicted", "The node was low on resource: memory."), WorkerPhase.Ended, WorkerEnd.Failed, "its pod failed: The node was low on resource: memory"),
        ["preempted by its node"] = (Has("Failed", "BackoffLimitExceeded"), Ended("Preempting"), WorkerPhase.Ended, WorkerEnd.Taken, "preempted"),
        ["its node is shut down"] = (Has("Failed", "BackoffLimitExceeded"), Ended("Terminated", "Pod was terminated in response to imminent node shutdown."), WorkerPhase.Ended, WorkerEnd.Taken, "its node was shut down: Pod was terminated in response to imminent node shutdown"),
        ["its node was shut down"] = (Unchanged, Ended("Shutdown"), WorkerPhase.Ended, WorkerEnd.Taken, "its node was shut down"),
        ["its node is lost"] = (Unchanged, OnNode("Running", new() { Running = new() { StartedAt = Noon } }, pod => pod.Status.Reason = "NodeLost"), WorkerPhase.Ended, WorkerEnd.Taken, "its node was lost"),
        ["not admitted"] = (Unchanged, Ended("UnexpectedAdmissionError", "Allocate failed due to no healthy devices present"), WorkerPhase.Ended, WorkerEnd.Taken, "its node did not admit it (UnexpectedAdmissionError): Allocate failed due to no healthy devices present"),
        ["no GPU when it came"] = (Unchanged, Ended("OutOfnvidia.com/gpu"), WorkerPhase.Ended, WorkerEnd.Taken, "its node did not admit it (OutOfnvidia.com/gpu)"),
        ["preempted by the scheduler"] = (Has("Failed", "BackoffLimitExceeded"), Disrupted("PreemptionByScheduler", "preempting to accommodate a higher priority pod"), WorkerPhase.Ended, WorkerEnd.Taken, "preempted for a pod of a higher priority: preempting to accommodate a higher priority pod"),
        ["tainted"] = (Unchanged, Disrupted("DeletionByTaintManager", ""), WorkerPhase.Ended, WorkerEnd.Taken, "its node was lost or tainted"),
        ["drained, and it ended with success"] = (Has("Complete"), OnNode("Succeeded", Exit(0, "Completed"), pod => pod.Status.Conditions.Add(new() { Type = "DisruptionTarget", Status = "True", Reason = "EvictionByEvictionAPI" })), WorkerPhase.Ended, WorkerEnd.Taken, "evicted from its node"),
        ["its node was removed"] = (Unchanged, Disrupted("DeletionByPodGC", ""), WorkerPhase.Ended, WorkerEnd.Taken, "its node was removed"),
        ["ended by its node"] = (Unchanged, Disrupted("TerminationByKubelet", ""), WorkerPhase.Ended, WorkerEnd.Taken, "ended by its node"),
        ["disrupted by something new"] = (Unchanged, Disrupted("Something", ""), WorkerPhase.Ended, WorkerEnd.Taken, "ended by the cluster (Something)"),
        ["over the Job's time"] = (Has("Failed", "DeadlineExceeded"), null, WorkerPhase.Ended, WorkerEnd.Taken, "the time limit of its Job (activeDeadlineSeconds) is reached"),
        ["over the pod's time"] = (Has("Failed", "BackoffLimitExceeded"), Ended("DeadlineExceeded"), WorkerPhase.Ended, WorkerEnd.Taken, "the time limit of its pod (activeDeadlineSeconds) is reached"),
        ["its pod was deleted, and is not there any more"] = (Has("Failed", "BackoffLimitExceeded"), null, WorkerPhase.Ended, WorkerEnd.Taken, "its pod was deleted"),
        ["its pod was deleted"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Failed", Exit(143), pod => (pod.Metadata.DeletionTimestamp, pod.Metadata.DeletionGracePeriodSeconds) = (Noon.AddMinutes(10).AddSeconds(20), 30)), WorkerPhase.Ended, WorkerEnd.Taken, "its pod was deleted"),
        ["its pod was deleted after it had failed"] = (Has("Failed", "BackoffLimitExceeded"), OnNode("Failed", Exit(2), pod => (pod.Metadata.DeletionTimestamp, pod.Metadata.DeletionGracePeriodSeconds) = (Noon.AddMinutes(20), 30)), WorkerPhase.Ended, WorkerEnd.Failed, "exit code 2"),
        ["its Job is being deleted"] = (job => job.Metadata.DeletionTimestamp = Noon, OnNode("Running", new() { Running = new() { StartedAt = Noon } }), WorkerPhase.Ended, WorkerEnd.Taken, "its Job was deleted"),
        ["evicted, and its pod still runs"] = (Unchanged, OnNode("Running", new() { Running = new() { StartedAt = Noon } }, pod => pod.Status.Conditions.Add(new() { Type = "DisruptionTarget", Status = "True", Reason = "EvictionByEvictionAPI" })), WorkerPhase.Running, null, null),
    };

    public static TheoryData<string> CaseNames => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public async Task A_job_and_its_pod_show_how_a_worker_is(string name)
    {
        var (job, pod, phase, end, why) = Cases[name];
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        await engine.StartAsync(Request(), Cancellation);
        setup.Cluster.Job("gpu-1", job);
        var made = pod is null ? null : setup.Cluster.Pod("gpu-1", pod);
        var worker = Assert.Single(await engine.ListAsync(Cancellation));
        Assert.Equal(("gpu-1", setup.Cluster.Job("gpu-1").Metadata.Uid, phase, end, why), (worker.Name, worker.Id, worker.Phase, worker.End, worker.Why));
        Assert.Equal(made?.Spec.NodeName is null ? null : new DateTimeOffset(Noon), worker.StartedAt);
        DateTime? ended = phase != WorkerPhase.Ended ? null
            : made?.Status.ContainerStatuses is [_, { State.Terminated: not null }] ? Noon.AddMinutes(10)
            : setup.Cluster.Job("gpu-1").Status.Conditions is null ? null : Noon.AddMinutes(11);
        Assert.Equal(ended is { } at ? new DateTimeOffset(at) : null, worker.EndedAt);
        Assert.Empty(setup.Cluster.Wrong);
    }

    [Fact]
    public async Task A_machine_costs_from_its_assignment_while_its_node_has_not_answered()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        await engine.StartAsync(Request(), Cancellation);
        setup.Cluster.Pod("gpu-1", OnNode("Pending", null, pod => pod.Status.StartTime = null));
        Assert.Equal(new DateTimeOffset(Noon.AddSeconds(-1)), Assert.Single(await engine.ListAsync(Cancellation)).StartedAt);
    }

    [Fact]
    public async Task Of_several_pods_the_one_that_has_not_ended_counts()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        await engine.StartAsync(Request(), Cancellation);
        setup.Cluster.Pod("gpu-1", OnNode("Running", new() { Running = new() { StartedAt = Noon } }));
        setup.Cluster.Pod("gpu-1", Ended("Evicted"));
        Assert.Equal(WorkerPhase.Running, Assert.Single(await engine.ListAsync(Cancellation)).Phase);
    }

    [Fact]
    public async Task A_pod_whose_job_was_deleted_is_listed_until_it_ends()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        foreach (var name in (string[])["gpu-1", "gpu-2"]) await engine.StartAsync(Request(name), Cancellation);
        var job = setup.Cluster.Job("gpu-1").Metadata.Uid;
        var running = new V1ContainerState { Running = new() { StartedAt = Noon } };
        setup.Cluster.Pod("gpu-1", OnNode("Running", running, pod => pod.Metadata.DeletionTimestamp = Noon));
        var orphan = setup.Cluster.Pod("gpu-2", OnNode("Running", running, pod => pod.Metadata.OwnerReferences = null));
        setup.Cluster.Delete("gpu-1");
        setup.Cluster.Delete("gpu-2");
        var workers = (await engine.ListAsync(Cancellation)).OrderBy(w => w.Name).ToList();
        Assert.Equal([("gpu-1", job, WorkerPhase.Ended, "its Job was deleted"), ("gpu-2", orphan.Metadata.Uid, WorkerPhase.Running, null)], workers.Select(w => (w.Name, w.Id, w.Phase, w.Why)));
        Assert.Equal(WorkerEnd.Taken, workers[0].End);
    }
}
