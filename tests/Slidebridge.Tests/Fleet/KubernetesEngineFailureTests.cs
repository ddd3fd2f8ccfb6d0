using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Slidebridge.Fleet.Engines;
using static Slidebridge.Tests.Fleet.KubernetesSetup;

namespace Slidebridge.Tests.Fleet;

/// <summary>What the operator reads if a call fails.</summary>
public sealed class KubernetesEngineFailureTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
        var failure = await Assert.ThrowsAsync<FleetEngineException>(async () => await engine.StopAsync(await setup.ListedAsync(engine, null), Cancellation));
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
}
