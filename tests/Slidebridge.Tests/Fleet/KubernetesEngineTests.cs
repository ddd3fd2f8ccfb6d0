using System.Net.Sockets;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Slidebridge.Fleet.Engines;
using Slidebridge.Settings;
using Slidebridge.Tests.Support;
using static Slidebridge.Tests.Fleet.KubernetesSetup;

namespace Slidebridge.Tests.Fleet;

public sealed class KubernetesEngineTests
{
    static readonly DateTime Noon = new(2026, 5, 4, 12, 0, 0, DateTimeKind.Utc);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_is_a_job_with_labels_variables_and_one_pod_that_is_never_restarted()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        await setup.Engine().StartAsync(Request("gpu-1", ("SLIDEBRIDGE_NAME", "gpu-1"), ("SLIDEBRIDGE_UNTIL_IDLE", "2m")), Cancellation);
        var job = setup.Cluster.Job("gpu-1");
        foreach (var labels in (IDictionary<string, string>[])[job.Metadata.Labels, job.Spec.Template.Metadata.Labels])
            Assert.Equal(new Dictionary<string, string> { ["slidebridge.io/fleet"] = "gpu", ["slidebridge.io/worker"] = "gpu-1", ["app.kubernetes.io/managed-by"] = "slidebridge" }, labels);
        Assert.Equal((0, 1, 1, 3600, "Never"), (job.Spec.BackoffLimit, job.Spec.Completions, job.Spec.Parallelism, job.Spec.TtlSecondsAfterFinished, job.Spec.Template.Spec.RestartPolicy));
        var container = Assert.Single(job.Spec.Template.Spec.Containers);
        Assert.Equal([("SLIDEBRIDGE_NAME", "gpu-1"), ("SLIDEBRIDGE_UNTIL_IDLE", "2m")], container.Env.Select(e => (e.Name, e.Value)));
        Assert.Equal("1", container.Resources.Limits["nvidia.com/gpu"].ToString());
        Assert.Empty(setup.Cluster.Wrong);
    }

    [Fact]
    public async Task A_template_keeps_its_labels_its_other_variables_its_second_container_and_its_time_after_the_end()
    {
        await using var setup = await KubernetesSetup.StartAsync("""
            apiVersion: batch/v1
            kind: Job
            metadata: { name: ignored, creationTimestamp: null, labels: { team: pathology } }
            spec:
              ttlSecondsAfterFinished: 60
              backoffLimit: 6
              template:
                metadata: { labels: { team: pathology, slidebridge.io/fleet: other } }
                spec:
                  restartPolicy: OnFailure
                  containers:
                    - name: worker
                      image: slidebridge:1
                      env:
                        - { name: SLIDEBRIDGE_TOKEN, valueFrom: { secretKeyRef: { name: worker, key: token } } }
                        - { name: SLIDEBRIDGE_NAME, value: the template's }
                    - { name: metrics, image: "metrics:1", env: [{ name: SLIDEBRIDGE_NAME, value: its own }] }
            status: {}
            """);
        await setup.Engine().StartAsync(Request("gpu-1", ("SLIDEBRIDGE_NAME", "costs $(MONEY)")), Cancellation);
        var job = setup.Cluster.Job("gpu-1");
        Assert.Equal(("pathology", "pathology", "gpu"), (job.Metadata.Labels["team"], job.Spec.Template.Metadata.Labels["team"], job.Spec.Template.Metadata.Labels["slidebridge.io/fleet"]));
        Assert.Equal((0, 60, "Never"), (job.Spec.BackoffLimit, job.Spec.TtlSecondsAfterFinished, job.Spec.Template.Spec.RestartPolicy));
        var (worker, metrics) = (job.Spec.Template.Spec.Containers[0], job.Spec.Template.Spec.Containers[1]);
        // Kubernetes makes $(MONEY) of it.
        Assert.Equal([("SLIDEBRIDGE_NAME", "costs $$(MONEY)"), ("SLIDEBRIDGE_TOKEN", null)], worker.Env.Select(e => (e.Name, (string?)e.Value)));
        Assert.Equal("worker", worker.Env[1].ValueFrom.SecretKeyRef.Name);
        Assert.Equal("its own", Assert.Single(metrics.Env).Value);
    }

    [Fact]
    public async Task A_name_that_is_asked_for_again_is_one_job_also_if_the_first_answer_was_lost()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        setup.Cluster.Fault = (_, number) => number == 1 ? new KubernetesFault(500, "InternalError", "etcdserver: request timed out", IsDone: true) : null;
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => engine.StartAsync(Request(), Cancellation));
        Assert.Equal($"The Kubernetes API at {setup.Cluster.Address.Authority} failed to create jobs in the namespace slides (500): etcdserver: request timed out.", failure.Message);
        Assert.True(failure.IsTransient);
        await engine.StartAsync(Request(), Cancellation);
        await engine.StartAsync(Request(), Cancellation);
        Assert.Equal(["gpu-1"], setup.Cluster.Names);
        Assert.Equal(3, setup.Cluster.Calls.Count);
    }

    [Fact]
    public async Task The_example_is_accepted_and_the_role_has_exactly_the_rights_that_the_engine_uses()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var options = new KubernetesOptions(Path.Combine(Repository.Root, "deploy", "kubernetes", "fleet", "worker-job.yaml"), "slides", setup.Kubeconfig(), "here");
        options.Check("gpu");
        var engine = setup.Engine(options);
        await engine.StartAsync(Request(), Cancellation);
        await engine.StopAsync(Assert.Single(await engine.ListAsync(Cancellation)), Cancellation);
        Assert.Empty(setup.Cluster.Names);
        Assert.Equal(setup.Cluster.Rights.Order(), setup.Cluster.Calls.Distinct().Order());
        Assert.Empty(setup.Cluster.Wrong);
    }

    static V1PodCondition Scheduled(DateTime at) => new() { Type = "PodScheduled", Status = "True", LastTransitionTime = at };

    static Action<V1Pod> OnNode(string phase, V1ContainerState? state, Action<V1Pod>? more = null) => pod =>
    {
        pod.Spec.NodeName = "node-1";
        pod.Status = new() { Phase = phase, StartTime = Noon, Conditions = [Scheduled(Noon.AddSeconds(-1))], ContainerStatuses = state is null ? null : [new() { Name = "proxy", Image = "proxy:1", State = new() { Running = new() { StartedAt = Noon } } }, new() { Name = "worker", Image = "slidebridge:1", State = state }] };
        more?.Invoke(pod);
    };

    static V1ContainerState Waiting(string reason, string? message = null) => new() { Waiting = new() { Reason = reason, Message = message } };

    static V1ContainerState Exit(int code, string reason = "Error", string? message = null) => new() { Terminated = new() { ExitCode = code, Reason = reason, Message = message, FinishedAt = Noon.AddMinutes(10) } };

    static Action<V1Pod> Unscheduled(string? message) => pod => pod.Status = new() { Phase = "Pending", Conditions = message is null ? null : [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message }] };

    static Action<V1Pod> Disrupted(string reason, string message) => OnNode("Failed", Exit(143), pod => pod.Status.Conditions.Add(new() { Type = "DisruptionTarget", Status = "True", Reason = reason, Message = message }));

    static Action<V1Pod> Ended(string reason, string? message = null) => OnNode("Failed", null, pod => (pod.Status.Reason, pod.Status.Message) = (reason, message));

    static Action<V1Job> Has(string condition, string? reason = null) => job => job.Status = new() { Conditions = [new() { Type = condition, Status = "True", Reason = reason, LastTransitionTime = Noon.AddMinutes(11) }] };

    static readonly Action<V1Job> Unchanged = _ => { };

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
        ["evicted"] = (Has("Failed", "BackoffLimitExceeded"), Ended("Evicted", "The node was low on resource: memory."), WorkerPhase.Ended, WorkerEnd.Taken, "evicted by its node: The node was low on resource: memory"),
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

    [Fact]
    public async Task A_quota_is_the_reason_why_a_worker_waits_if_the_account_may_read_events()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        await engine.StartAsync(Request(), Cancellation);
        setup.Cluster.Event("gpu-1", "Error creating: an earlier reason", Noon);
        setup.Cluster.Event("gpu-1", "Error creating: pods \"gpu-1-x7k2p\" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=4, limited: requests.nvidia.com/gpu=4", Noon.AddSeconds(1));
        var worker = Assert.Single(await engine.ListAsync(Cancellation));
        Assert.Equal((WorkerPhase.Queued, "its pod cannot be created: pods \"gpu-1-x7k2p\" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=4, limited: requests.nvidia.com/gpu=4"), (worker.Phase, worker.Why));
        setup.Cluster.Rights.Remove("list events");
        worker = Assert.Single(await engine.ListAsync(Cancellation));
        Assert.Equal((WorkerPhase.Queued, null), (worker.Phase, worker.Why));
    }

    [Fact]
    public async Task A_list_has_all_pages_of_the_group_and_begins_again_if_its_snapshot_was_forgotten()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var (engine, other) = (setup.Engine(), setup.Engine(group: "cpu"));
        for (var i = 0; i < 600; i++) await (i % 6 == 5 ? other : engine).StartAsync(Request($"w-{i}"), Cancellation);
        Assert.Equal(500, (await engine.ListAsync(Cancellation)).Select(w => w.Name).Distinct().Count());
        Assert.Equal(100, (await other.ListAsync(Cancellation)).Count);
        var lists = 0;
        setup.Cluster.Before = call =>
        {
            if (call == "list jobs" && ++lists == 2) setup.Cluster.ForgetSnapshots();
            return Task.CompletedTask;
        };
        Assert.Equal(500, (await engine.ListAsync(Cancellation)).Select(w => w.Name).Distinct().Count());
        Assert.Equal(4, lists);
        setup.Cluster.Before = _ =>
        {
            setup.Cluster.ForgetSnapshots();
            return Task.CompletedTask;
        };
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => engine.ListAsync(Cancellation));
        Assert.Equal($"The Kubernetes API at {setup.Cluster.Address.Authority} refused to list jobs in the namespace slides (410): The provided continue parameter is too old to display a consistent list result.", failure.Message);
        Assert.Empty(setup.Cluster.Wrong);
    }

    [Fact]
    public async Task A_list_that_does_not_end_is_a_failure()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        setup.Cluster.Fault = (call, _) => call == "list jobs" ? new KubernetesFault(200, Body: """{ "kind": "JobList", "apiVersion": "batch/v1", "metadata": { "continue": "more" }, "items": [] }""") : null;
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine().ListAsync(Cancellation));
        Assert.Equal($"Kubernetes has more than 5000 jobs of the group gpu: set ttlSecondsAfterFinished in {setup.TemplateFile} to a shorter time.", failure.Message);
    }

    [Theory]
    [InlineData("<html>Sign in</html>")]
    [InlineData("{}")]
    [InlineData("""{ "kind": "PodList", "metadata": {}, "items": [{ "metadata": { "creationTimestamp": "yesterday" } }] }""")]
    public async Task An_answer_that_is_not_a_list_is_a_failure_and_not_an_empty_list(string answer)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        setup.Cluster.Fault = (_, _) => new KubernetesFault(200, Body: answer);
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine().ListAsync(Cancellation));
        Assert.Equal($"The answer of the Kubernetes API at {setup.Cluster.Address.Authority} cannot be understood: check that the address is a Kubernetes API, version 1.25 or later.", failure.Message);
    }

    [Theory]
    [InlineData("application/json", """{ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "a" }, "spec": { "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "a", "image": "a" }] } } } }""", 200)]
    [InlineData("application/json", """{ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "a" }, "spec": { "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "a", "image": "a", "gpu": 1 }] } } } }""", 400)]
    [InlineData("application/json", """{ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "a" }, "spec": { "backoffLimit": "0", "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "a", "image": "a" }] } } } }""", 400)]
    [InlineData("application/json", """{ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "a" }, "spec": { "template": { "spec": { "containers": [{ "name": "a", "image": "a" }] } } } }""", 422)]
    [InlineData("text/plain", "{}", 400)]
    public async Task The_double_is_as_strict_as_a_cluster(string type, string body, int expected)
    {
        await using var cluster = await KubernetesDouble.StartAsync();
        using var http = new HttpClient { BaseAddress = cluster.Address };
        using var content = new StringContent(body, System.Text.Encoding.UTF8, type);
        using var anonymous = await http.PostAsync("/apis/batch/v1/namespaces/slides/jobs?fieldManager=test&fieldValidation=Strict", content, Cancellation);
        Assert.Equal(401, (int)anonymous.StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", KubernetesDouble.Token);
        using var answer = await http.PostAsync("/apis/batch/v1/namespaces/slides/jobs?fieldManager=test&fieldValidation=Strict", content, Cancellation);
        Assert.Equal(expected, (int)answer.StatusCode);
    }

    static async Task<EngineWorker> ListedAsync(KubernetesSetup setup, KubernetesEngine engine, Action<V1Pod>? pod)
    {
        await engine.StartAsync(Request(), Cancellation);
        if (pod is not null) setup.Cluster.Pod("gpu-1", pod);
        return Assert.Single(await engine.ListAsync(Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queued_worker_is_withdrawn_unless_it_has_started_since(bool hasStarted)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        var worker = await ListedAsync(setup, engine, hasStarted ? null : Unscheduled("no node"));
        if (hasStarted) setup.Cluster.Pod("gpu-1", OnNode("Pending", null));
        await engine.StopAsync(worker, Cancellation);
        Assert.Equal(hasStarted ? ["gpu-1"] : [], setup.Cluster.Names);
        await engine.StopAsync(worker, Cancellation);
        Assert.Empty(setup.Cluster.Wrong);
    }

    [Fact]
    public async Task A_queued_worker_that_starts_between_the_check_and_the_deletion_continues()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        var worker = await ListedAsync(setup, engine, null);
        setup.Cluster.Before = call =>
        {
            if (call == "delete jobs") setup.Cluster.Pod("gpu-1", OnNode("Running", new() { Running = new() { StartedAt = Noon } }));
            return Task.CompletedTask;
        };
        await engine.StopAsync(worker, Cancellation);
        Assert.Equal(["gpu-1"], setup.Cluster.Names);
        Assert.Equal(["get jobs", "list pods", "delete jobs", "get jobs", "list pods"], setup.Cluster.Calls.TakeLast(5));
    }

    [Fact]
    public async Task A_job_that_changes_at_each_attempt_is_not_withdrawn()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        var worker = await ListedAsync(setup, engine, null);
        setup.Cluster.Before = call =>
        {
            if (call == "delete jobs") setup.Cluster.Job("gpu-1", Unchanged);
            return Task.CompletedTask;
        };
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => engine.StopAsync(worker, Cancellation));
        Assert.Equal("The Job gpu-1 changed 4 times while Kubernetes was asked to delete it.", failure.Message);
        Assert.Equal(["gpu-1"], setup.Cluster.Names);
    }

    [Theory]
    [InlineData(nameof(WorkerPhase.Queued))]
    [InlineData(nameof(WorkerPhase.Starting))]
    [InlineData(nameof(WorkerPhase.Running))]
    public async Task Another_job_of_the_same_name_is_not_deleted_and_one_that_is_not_there_is_no_error(string phase)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        var worker = await ListedAsync(setup, engine, null) with { Phase = Enum.Parse<WorkerPhase>(phase) };
        setup.Cluster.Delete("gpu-1");
        await engine.StopAsync(worker, Cancellation);
        await engine.StartAsync(Request(), Cancellation);
        await engine.StopAsync(worker, Cancellation);
        Assert.Equal(["gpu-1"], setup.Cluster.Names);
        Assert.Empty(setup.Cluster.Wrong);
    }

    [Fact]
    public async Task A_worker_that_starts_or_runs_is_ended_in_any_case()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        await engine.StopAsync(await ListedAsync(setup, engine, OnNode("Pending", Waiting("ImagePullBackOff"))), Cancellation);
        await engine.StopAsync(await ListedAsync(setup, engine, OnNode("Running", new() { Running = new() { StartedAt = Noon } })), Cancellation);
        Assert.Empty(setup.Cluster.Names);
    }

    [Theory]
    [InlineData(401, "Unauthorized", "Unauthorized", "The Kubernetes API at HOST does not accept the credentials of the kubeconfig KUBECONFIG (401).")]
    [InlineData(403, "Forbidden", "jobs.batch \"gpu-1\" is forbidden: exceeded quota: jobs, requested: count/jobs.batch=1, used: count/jobs.batch=9, limited: count/jobs.batch=9", "Kubernetes refused to create jobs in the namespace slides (403): jobs.batch \"gpu-1\" is forbidden: exceeded quota: jobs, requested: count/jobs.batch=1, used: count/jobs.batch=9, limited: count/jobs.batch=9.")]
    [InlineData(404, "NotFound", "the server could not find the requested resource", "The server at HOST cannot create jobs in the namespace slides (404): check that the address is a Kubernetes API.")]
    [InlineData(409, "Conflict", "Operation cannot be fulfilled on resourcequotas \"gpus\": the object has been modified; please apply your changes to the latest version and try again", "The Kubernetes API at HOST refused to create jobs in the namespace slides (409): Operation cannot be fulfilled on resourcequotas \"gpus\": the object has been modified; please apply your changes to the latest version and try again.")]
    [InlineData(422, "Invalid", "Job.batch \"gpu-1\" is invalid: spec.template.spec.containers[0].image: Required value", "Kubernetes does not accept the Job of TEMPLATE (422): Job.batch \"gpu-1\" is invalid: spec.template.spec.containers[0].image: Required value.")]
    [InlineData(400, "BadRequest", "Job in version \"v1\" cannot be handled as a Job: strict decoding error: unknown field \"spec.template.spec.gpu\"", "Kubernetes does not accept the Job of TEMPLATE (400): Job in version \"v1\" cannot be handled as a Job: strict decoding error: unknown field \"spec.template.spec.gpu\".")]
    [InlineData(503, "ServiceUnavailable", "", "The Kubernetes API at HOST failed to create jobs in the namespace slides (503).")]
    [InlineData(302, "", "", "The Kubernetes API at HOST refused to create jobs in the namespace slides (302).")]
    public async Task A_refused_call_is_a_sentence_for_the_operator(int code, string reason, string message, string expected)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        setup.Cluster.Fault = (_, _) => new KubernetesFault(code, reason, message);
        var kubeconfig = setup.Kubeconfig();
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(new(setup.TemplateFile, null, kubeconfig, null)).StartAsync(Request(), Cancellation));
        Assert.Equal(expected.Replace("HOST", setup.Cluster.Address.Authority, StringComparison.Ordinal).Replace("KUBECONFIG", kubeconfig, StringComparison.Ordinal).Replace("TEMPLATE", setup.TemplateFile, StringComparison.Ordinal), failure.Message);
        Assert.DoesNotContain(KubernetesDouble.Token, failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(setup.Cluster.Names);
    }

    [Theory]
    [InlineData(7, ": it accepts the next one in 7 s")]
    [InlineData(null, "")]
    public async Task A_busy_cluster_is_called_once_and_its_time_is_shown(int? seconds, string expected)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        setup.Cluster.Fault = (_, _) => new KubernetesFault(429, "TooManyRequests", "too many requests", RetryAfter: seconds);
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine().ListAsync(Cancellation));
        Assert.Equal($"The Kubernetes API at {setup.Cluster.Address.Authority} asks for fewer calls (429){expected}.", failure.Message);
        Assert.Single(setup.Cluster.Calls);
    }

    [Theory]
    [InlineData("create", "jobs")]
    [InlineData("list", "jobs")]
    [InlineData("list", "pods")]
    [InlineData("get", "jobs")]
    [InlineData("delete", "jobs")]
    public async Task A_right_that_the_account_lacks_is_named(string verb, string resource)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var kubeconfig = setup.Kubeconfig();
        var engine = setup.Engine(new(setup.TemplateFile, null, kubeconfig, null));
        setup.Cluster.Rights.Remove($"{verb} {resource}");
        var failure = await Assert.ThrowsAsync<FleetEngineException>(async () => await engine.StopAsync(await ListedAsync(setup, engine, null), Cancellation));
        Assert.Equal($"The Kubernetes account of the kubeconfig {kubeconfig} may not {verb} {resource} in the namespace slides (403): give it a Role with the verb '{verb}' on '{resource}'.", failure.Message);
    }

    [Fact]
    public async Task A_namespace_that_does_not_exist_is_named()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        setup.Cluster.HasNamespace = false;
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine().StartAsync(Request(), Cancellation));
        Assert.Equal($"The namespace slides does not exist in the Kubernetes cluster at {setup.Cluster.Address.Authority}: create it, or correct 'namespace' in the fleet's settings.", failure.Message);
    }

    [Fact]
    public async Task Credentials_that_were_refused_are_read_again_at_the_next_call()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var kubeconfig = setup.Kubeconfig(token: "an-old-token");
        var engine = setup.Engine(new(setup.TemplateFile, null, kubeconfig, null));
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => engine.ListAsync(Cancellation));
        Assert.DoesNotContain("an-old-token", failure.ToString(), StringComparison.Ordinal);
        File.Copy(setup.Kubeconfig(), kubeconfig, overwrite: true);
        Assert.Empty(await engine.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_is_left_after_20_s_and_at_once_if_the_bridge_ends()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var clock = new FakeTimeProvider();
        var engine = setup.Engine(time: clock);
        var over = new TaskCompletionSource();
        setup.Cluster.Before = _ =>
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            return over.Task;
        };
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => engine.ListAsync(Cancellation));
        Assert.Equal($"The Kubernetes API at {setup.Cluster.Address.Authority} did not answer within 20 s.", failure.Message);
        using var ending = new CancellationTokenSource();
        setup.Cluster.Before = _ =>
        {
            ending.Cancel();
            return over.Task;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.ListAsync(ending.Token));
        over.SetResult();
    }

    [Fact]
    public async Task A_cluster_that_is_away_is_told_in_a_sentence()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(new(setup.TemplateFile, null, setup.Kubeconfig(), "elsewhere")).ListAsync(Cancellation));
        Assert.Equal($"The Kubernetes API at 127.0.0.1:9 cannot be reached: {new SocketException((int)SocketError.ConnectionRefused).Message}.", failure.Message);
    }

    [Fact]
    public async Task A_certificate_must_be_of_the_authority_in_the_kubeconfig()
    {
        await using var setup = await KubernetesSetup.StartAsync(https: true);
        await using var another = await KubernetesSetup.StartAsync(https: true);
        var authority = setup.Save("ca.crt", setup.Cluster.Pem);
        await setup.Engine(new(setup.TemplateFile, null, setup.Kubeconfig("ca.crt"), null)).StartAsync(Request(), Cancellation);
        await setup.Engine(new(setup.TemplateFile, null, setup.Kubeconfig(authority), null)).StartAsync(Request("gpu-2"), Cancellation);
        Assert.Equal(["gpu-1", "gpu-2"], setup.Cluster.Names);
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(new(setup.TemplateFile, null, setup.Kubeconfig(setup.Save("other.crt", another.Cluster.Pem)), null)).ListAsync(Cancellation));
        Assert.Equal($"The Kubernetes API at {setup.Cluster.Address.Authority} cannot be reached: its TLS certificate is not valid.", failure.Message);
        failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(new(setup.TemplateFile, null, setup.Kubeconfig(), null)).ListAsync(Cancellation));
        Assert.Contains("if you trust that authority, name it as certificate-authority in the kubeconfig.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_cluster_the_service_account_of_the_pod_is_used()
    {
        await using var setup = await KubernetesSetup.StartAsync(https: true);
        setup.Save("token", KubernetesDouble.Token + "\n");
        setup.Save("ca.crt", setup.Cluster.Pem);
        setup.Save("namespace", KubernetesDouble.Namespace);
        // The package has no setting for this folder, which belongs to root.
        var folder = typeof(KubernetesClientConfiguration).GetField("ServiceAccountPath", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!;
        var real = folder.GetValue(null);
        try
        {
            folder.SetValue(null, Path.GetDirectoryName(setup.TemplateFile));
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_HOST", setup.Cluster.Address.Host);
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_PORT", $"{setup.Cluster.Address.Port}");
            await setup.Engine(new(setup.TemplateFile, null, null, null)).StartAsync(Request(), Cancellation);
            Assert.Equal(["gpu-1"], setup.Cluster.Names);
            Assert.Empty(setup.Cluster.Wrong);
            setup.Cluster.Rights.Clear();
            var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(new(setup.TemplateFile, null, null, null)).ListAsync(Cancellation));
            Assert.Equal("The Kubernetes account of the service account of the bridge's pod may not list pods in the namespace slides (403): give it a Role with the verb 'list' on 'pods'.", failure.Message);
        }
        finally
        {
            folder.SetValue(null, real);
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_HOST", null);
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_PORT", null);
        }
    }

    [Fact]
    public async Task Without_a_service_account_and_a_kubeconfig_the_operator_is_shown_both()
    {
        Assert.SkipWhen(File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation) || Environment.GetEnvironmentVariable("KUBECONFIG") is not null, "This machine has a kubeconfig.");
        await using var setup = await KubernetesSetup.StartAsync();
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(new(setup.TemplateFile, null, null, null)).ListAsync(Cancellation));
        Assert.StartsWith("There are no credentials for Kubernetes: set automountServiceAccountToken to true for the bridge's pod, or name a kubeconfig in the fleet's settings.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_program_of_the_kubeconfig_gives_the_token_and_may_take_20_s()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The program of this test is a shell script.");
        await using var setup = await KubernetesSetup.StartAsync();
        var answer = $$$"""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"{{{KubernetesDouble.Token}}}"}}""";
        await setup.Engine(new(setup.TemplateFile, null, setup.Kubeconfig(program: $"echo '{answer}'"), null)).StartAsync(Request(), Cancellation);
        Assert.Equal(["gpu-1"], setup.Cluster.Names);

        var clock = new FakeTimeProvider();
        // It ends when the test deletes its folder.
        var slow = setup.Kubeconfig(program: "touch \"$0.started\"; while [ -e \"$0.started\" ]; do sleep 0.05; done");
        var list = setup.Engine(new(setup.TemplateFile, null, slow, null), clock).ListAsync(Cancellation);
        while (!File.Exists(slow + ".sh.started")) await Task.Delay(10, Cancellation);
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("The credentials of the Kubernetes cluster were not ready within 20 s: check the credential program of the kubeconfig.", (await Assert.ThrowsAsync<FleetEngineException>(() => list)).Message);
    }

    [Fact]
    public async Task Without_a_file_in_the_settings_the_first_one_of_KUBECONFIG_is_used()
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var real = Environment.GetEnvironmentVariable("KUBECONFIG");
        try
        {
            Environment.SetEnvironmentVariable("KUBECONFIG", setup.Kubeconfig() + Path.PathSeparator + "/nowhere/config");
            await setup.Engine(new(setup.TemplateFile, null, null, null)).StartAsync(Request(), Cancellation);
            Environment.SetEnvironmentVariable("KUBECONFIG", setup.Kubeconfig(area: "other"));
            await setup.Engine(new(setup.TemplateFile, "slides", null, "here")).StartAsync(Request("gpu-2"), Cancellation);
        }
        finally
        {
            Environment.SetEnvironmentVariable("KUBECONFIG", real);
        }
        Assert.Equal(["gpu-1", "gpu-2"], setup.Cluster.Names);
    }

    [Theory]
    [InlineData("current-context: here\nclusters: 5", "line 2 is not valid in a kubeconfig")]
    [InlineData("current-context: nowhere\ncontexts: []", "CurrentContext: nowhere not found in contexts in kubeconfig")]
    [InlineData(null, "kubeconfig file not found at FILE")]
    public async Task A_kubeconfig_that_cannot_be_used_is_named(string? text, string expected)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var file = text is null ? setup.TemplateFile + ".none" : setup.Save("kubeconfig", text);
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(new(setup.TemplateFile, null, file, null)).ListAsync(Cancellation));
        Assert.Equal($"The kubeconfig {file} cannot be used: {expected.Replace("FILE", file, StringComparison.Ordinal)}.", failure.Message);
    }

    [Theory]
    [InlineData("image: slidebridge:1", "imagee: slidebridge:1", ", line 8: Container has no field 'imagee'.")]
    [InlineData("image: slidebridge:1", "image: slidebridge:1\n          image: slidebridge:2", ", line 9: Duplicate key image.")]
    [InlineData("nvidia.com/gpu: 1", "nvidia.com/gpu: one", ", line 9: the value is not of the field's type.")]
    [InlineData("template:", "backoffLimit: many\n  template:", ", line 4: the value is not of the field's type.")]
    [InlineData("kind: Job", "kind: [", ": this is not valid YAML.")]
    [InlineData("kind: Job", "kind: CronJob", ": the file must contain a Job of batch/v1, and it contains 'CronJob' of 'batch/v1'.")]
    [InlineData("apiVersion: batch/v1", "apiVersion: batch/v1beta1", ": the file must contain a Job of batch/v1, and it contains 'Job' of 'batch/v1beta1'.")]
    [InlineData("kind: Job", "kind: Job\n---\nkind: Job", ": the file must contain one Job, and it contains 2 YAML documents.")]
    [InlineData("kind: Job", "kind: Job\nmetadata: { generateName: worker- }", ": metadata.generateName must be omitted, because the bridge names each Job.")]
    [InlineData("kind: Job", "kind: Job\nmetadata: { namespace: other }", ": metadata.namespace is 'other', but the fleet's setting 'namespace' is not set.")]
    [InlineData("  template:", "  podFailurePolicy: { rules: [] }\n  template:", ": spec.podFailurePolicy must be omitted, because a worker has one pod: the bridge itself starts a new worker.")]
    [InlineData("  template:", "  manualSelector: true\n  template:", ": spec.selector and spec.manualSelector must be omitted, because the bridge gives each Job its own pod.")]
    [InlineData("  template:", "  ttlSecondsAfterFinished: 0\n  template:", ": spec.ttlSecondsAfterFinished must be at least 60, because the bridge reads how a worker ended from its Job.")]
    [InlineData("  template:", "  completionMode: Indexed\n  template:", ": spec.completionMode must be omitted, and it is 'Indexed'.")]
    [InlineData("          image: slidebridge:1\n", "", ": the container 'worker' has no image.")]
    [InlineData("- name: worker\n          image", "- image", ": spec.template.spec.containers[0] has no name.")]
    public async Task A_template_with_a_mistake_is_refused_at_the_start_and_by_each_call(string was, string becomes, string expected)
    {
        Assert.Contains(was, Template, StringComparison.Ordinal);
        await using var setup = await KubernetesSetup.StartAsync(Template.Replace(was, becomes, StringComparison.Ordinal));
        var options = new KubernetesOptions(setup.TemplateFile, null, setup.Kubeconfig(), null);
        var failure = Assert.Throws<SettingException>(() => options.Check("gpu"));
        Assert.Equal(setup.TemplateFile + expected, failure.Message);
        Assert.Equal(failure.Message, (await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(options).StartAsync(Request(), Cancellation))).Message);
        Assert.Empty(setup.Cluster.Calls);
    }

    [Theory]
    [InlineData("", ": the file must contain one Job, and it contains 0 YAML documents.")]
    [InlineData("a text", ": the file must contain one Job.")]
    [InlineData("apiVersion: batch/v1\nkind: Job", ": spec is missing.")]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: { template: { spec: { containers: [] } } }", ": spec.template.spec.containers must list at least one container: the first one is the worker.")]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: { template: { spec: { containers: [null] } } }", ": spec.template.spec.containers[0] has no name.")]
    [InlineData(null, ": this file with the Job of a worker does not exist.")]
    public async Task A_file_without_a_job_is_refused(string? text, string expected)
    {
        await using var setup = await KubernetesSetup.StartAsync(text ?? "");
        if (text is null) File.Delete(setup.TemplateFile);
        Assert.Equal(setup.TemplateFile + expected, Assert.Throws<SettingException>(() => new KubernetesOptions(setup.TemplateFile, null, null, null).Check("gpu")).Message);
    }

    [Theory]
    [InlineData("gpu/large", null, null, "The group 'gpu/large' cannot be a label in Kubernetes: use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends.")]
    [InlineData("gpu", "Slides", null, "The namespace 'Slides' is not valid in Kubernetes: use at most 63 lower-case letters, digits and '-'.")]
    [InlineData("gpu", null, "/nowhere/config", "/nowhere/config: this kubeconfig does not exist.")]
    public async Task Other_settings_are_checked_at_the_start_too(string group, string? area, string? kubeconfig, string expected)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        Assert.Equal(expected, Assert.Throws<SettingException>(() => new KubernetesOptions(setup.TemplateFile, area, kubeconfig, null).Check(group)).Message);
        new KubernetesOptions(setup.TemplateFile, "slides", setup.Kubeconfig(), null).Check("gpu");
    }
}
