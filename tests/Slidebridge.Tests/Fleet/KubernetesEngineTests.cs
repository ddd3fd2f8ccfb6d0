using Slidebridge.Fleet.Engines;
using Slidebridge.Tests.Support;
using static Slidebridge.Tests.Fleet.KubernetesPods;
using static Slidebridge.Tests.Fleet.KubernetesSetup;

namespace Slidebridge.Tests.Fleet;

/// <summary>How workers are started, listed and withdrawn.</summary>
public sealed class KubernetesEngineTests
{
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queued_worker_is_withdrawn_unless_it_has_started_since(bool hasStarted)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        var engine = setup.Engine();
        var worker = await setup.ListedAsync(engine, hasStarted ? null : Unscheduled("no node"));
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
        var worker = await setup.ListedAsync(engine, null);
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
        var worker = await setup.ListedAsync(engine, null);
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
        var worker = await setup.ListedAsync(engine, null) with { Phase = Enum.Parse<WorkerPhase>(phase) };
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
        await engine.StopAsync(await setup.ListedAsync(engine, OnNode("Pending", Waiting("ImagePullBackOff"))), Cancellation);
        await engine.StopAsync(await setup.ListedAsync(engine, OnNode("Running", new() { Running = new() { StartedAt = Noon } })), Cancellation);
        Assert.Empty(setup.Cluster.Names);
    }
}
