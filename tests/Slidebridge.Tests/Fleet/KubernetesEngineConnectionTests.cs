using k8s;
using Microsoft.Extensions.Time.Testing;
using Slidebridge.Fleet.Engines;
using static Slidebridge.Tests.Fleet.KubernetesSetup;

namespace Slidebridge.Tests.Fleet;

/// <summary>Where the cluster and the credentials come from.</summary>
public sealed class KubernetesEngineConnectionTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
}
