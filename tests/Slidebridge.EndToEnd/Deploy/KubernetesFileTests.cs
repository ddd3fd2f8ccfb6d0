using k8s;
using k8s.Models;
using Slidebridge.Hosting;
using Slidebridge.Tasks;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>
/// <c>deploy/kubernetes</c>, read into Kubernetes' own types: a field that there is not, or of the wrong kind, is an error.
/// What no schema says is asked here too: what refers to what, and that a worker is given the time that it drains in.
/// </summary>
public sealed class KubernetesFileTests
{
    static readonly Dictionary<string, Type> Keda = new()
    {
        ["keda.sh/v1alpha1/ScaledObject"] = typeof(ScaledObject),
        ["keda.sh/v1alpha1/TriggerAuthentication"] = typeof(TriggerAuthentication),
    };

    static readonly List<object> Objects =
    [
        .. Directory.EnumerateFiles(Path.Combine(DeployFiles.Folder, "kubernetes"), "*.yaml").Where(f => Path.GetFileName(f) != "kustomization.yaml")
            .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), Keda, strict: true)),
    ];

    static IEnumerable<T> Of<T>() => Objects.OfType<T>();

    static IEnumerable<V1Deployment> Deployments => Of<V1Deployment>();

    [Fact]
    public void Kustomize_puts_all_of_them_together()
    {
        var listed = DeployFiles.Read("kubernetes/kustomization.yaml");
        var files = Directory.EnumerateFiles(Path.Combine(DeployFiles.Folder, "kubernetes"), "*.yaml").Select(f => Path.GetFileName(f)).Where(f => f is not ("kustomization.yaml" or "secret.example.yaml"));
        foreach (var file in files) Assert.Contains($"  - {file}\n", listed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_builds_them()
    {
        var built = await DeployFiles.RunAsync("kubectl", "kubernetes-client", "kustomize", Path.Combine(DeployFiles.Folder, "kubernetes"));
        Assert.Equal(Objects.Count - 2, KubernetesYaml.LoadAllFromString(built, Keda, strict: true).Count); // Without the two secrets of the example.
    }

    [Fact]
    public void What_selects_pods_selects_those_of_its_deployment()
    {
        var pods = Deployments.Select(d => d.Spec.Template.Metadata.Labels).ToList();
        Assert.Equal(2, pods.Count);
        var selectors = Deployments.Select(d => d.Spec.Selector.MatchLabels)
            .Concat(Of<V1Service>().Select(s => s.Spec.Selector)).Concat(Of<V1PodDisruptionBudget>().Select(b => b.Spec.Selector.MatchLabels)).ToList();
        Assert.Equal(5, selectors.Count);
        foreach (var selector in selectors) Assert.Single(pods, labels => selector.All(labels.Contains));
        Assert.Equal("web", Of<V1Service>().Single().Spec.Selector["app.kubernetes.io/component"]);
    }

    [Fact]
    public void A_node_that_is_stopped_has_more_time_than_it_drains_in()
    {
        foreach (var pod in Deployments.Select(d => d.Spec.Template.Spec))
        {
            var container = Assert.Single(pod.Containers);
            var pause = TimeSpan.FromSeconds(container.Lifecycle?.PreStop.Sleep.Seconds ?? 0);
            Assert.True(TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds!.Value) > pause + DeployFiles.Drain(container.Args));
        }
    }

    [Fact]
    public void Probes_ask_the_health_pages_of_the_port_that_is_named()
    {
        foreach (var container in Deployments.Select(d => d.Spec.Template.Spec.Containers.Single()))
        {
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
            Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
            var port = Assert.Single(container.Ports);
            Assert.All([container.LivenessProbe, container.StartupProbe, container.ReadinessProbe], probe => Assert.Equal(port.Name, probe.HttpGet.Port.Value));
        }
        Assert.All(Of<V1Service>().Single().Spec.Ports, p => Assert.Equal("http", p.TargetPort.Value));
    }

    [Fact]
    public void Pods_are_as_restricted_as_the_namespace_asks()
    {
        Assert.Equal("restricted", Of<V1Namespace>().Single().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
        foreach (var pod in Deployments.Select(d => d.Spec.Template.Spec))
        {
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.False(pod.AutomountServiceAccountToken);
            var container = pod.Containers.Single();
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Equal(["/data", "/run/database", "/tmp"], container.VolumeMounts.Select(m => m.MountPath).Order());
            Assert.Equal(container.VolumeMounts.Select(m => m.Name).Order(), pod.Volumes.Select(v => v.Name).Order());
            Assert.True(container.VolumeMounts.Single(m => m.MountPath == "/run/database").ReadOnlyProperty);
            // The database's certificate is verified: its authority, and its name.
            Assert.Contains("SSL Mode=VerifyFull;Root Certificate=/run/database/ca.crt", container.Env.Single(e => e.Name == "SLIDEBRIDGE_DATABASE").Value, StringComparison.Ordinal);
            Assert.Equal(["cpu", "memory"], container.Resources.Requests.Keys.Take(2));
        }
    }

    [Fact]
    public void What_a_pod_reads_its_settings_from_is_there()
    {
        var secrets = Of<V1Secret>().ToDictionary(s => s.Metadata.Name, s => s.StringData.Keys);
        foreach (var container in Deployments.Select(d => d.Spec.Template.Spec.Containers.Single()))
        {
            foreach (var from in container.EnvFrom)
                Assert.Contains(from.SecretRef?.Name ?? from.ConfigMapRef.Name, from.SecretRef is null ? Of<V1ConfigMap>().Select(c => c.Metadata.Name) : secrets.Keys);
            foreach (var key in container.Env.Select(e => e.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>())
                Assert.Contains(key.Key, secrets[key.Name]);
            // $(NAME) is replaced only where NAME was defined above it.
            Assert.Equal(["DATABASE_PASSWORD", "SLIDEBRIDGE_DATABASE"], container.Env.Select(e => e.Name));
        }
        var target = Assert.Single(Of<TriggerAuthentication>().Single().Spec.SecretTargetRef);
        Assert.Equal("password", target.Parameter);
        Assert.Contains(target.Key, secrets[target.Name]);
    }

    [Fact]
    public void The_scaler_scales_the_workers_and_logs_in_as_they_do()
    {
        var scaled = Of<ScaledObject>().Single().Spec;
        var worker = Deployments.Single(d => d.Metadata.Name == scaled.ScaleTargetRef.Name);
        Assert.Contains("worker", worker.Spec.Template.Spec.Containers.Single().Args);
        Assert.Null(worker.Spec.Replicas);
        Assert.InRange(scaled.MinReplicaCount, 1, scaled.MaxReplicaCount);
        var trigger = Assert.Single(scaled.Triggers);
        Assert.Equal("postgresql", trigger.Type);
        Assert.Equal(["host", "port", "userName", "dbName", "sslmode", "query", "targetQueryValue"], trigger.Metadata.Keys);
        Assert.Equal("verify-full", trigger.Metadata["sslmode"]);
        Assert.Equal(Of<TriggerAuthentication>().Single().Metadata.Name, trigger.AuthenticationRef.Name);
        var database = worker.Spec.Template.Spec.Containers.Single().Env.Single(e => e.Name == "SLIDEBRIDGE_DATABASE").Value;
        Assert.Contains($"Database={trigger.Metadata["dbName"]};Username={trigger.Metadata["userName"]};", database, StringComparison.Ordinal);
    }

    static readonly List<object> Fleet =
    [
        .. Directory.EnumerateFiles(Path.Combine(DeployFiles.Folder, "kubernetes", "fleet"), "*.yaml").SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true)),
    ];

    [Fact]
    public void The_role_of_the_fleet_is_bound_to_its_account_and_reads_no_secret()
    {
        var role = Fleet.OfType<V1Role>().Single();
        var binding = Fleet.OfType<V1RoleBinding>().Single();
        Assert.Equal(("Role", role.Metadata.Name), (binding.RoleRef.Kind, binding.RoleRef.Name));
        var subject = Assert.Single(binding.Subjects);
        Assert.Equal(("ServiceAccount", Fleet.OfType<V1ServiceAccount>().Single().Metadata.Name), (subject.Kind, subject.Name));
        Assert.Equal(["jobs", "pods", "events"], role.Rules.SelectMany(rule => rule.Resources));
        Assert.DoesNotContain("*", role.Rules.SelectMany(rule => rule.Verbs.Concat(rule.ApiGroups)));
    }

    [Fact]
    public void A_worker_of_the_fleet_takes_one_GPU_and_its_token_from_a_secret_in_a_restricted_pod()
    {
        var pod = Fleet.OfType<V1Job>().Single().Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.Equal("1", container.Resources.Limits["nvidia.com/gpu"].ToString());
        Assert.Equal("work", container.Args[0]);
        var flags = WorkSettings.All.Select(s => s.Flag).ToHashSet();
        Assert.DoesNotContain(container.Args.Where(word => word.StartsWith("--", StringComparison.Ordinal)), flag => !flags.Contains(flag));
        var token = Assert.Single(container.Env);
        Assert.Equal((WorkSettings.Token.Variable, null), (token.Name, token.Value));
        Assert.NotNull(token.ValueFrom.SecretKeyRef);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal(container.VolumeMounts.Select(m => m.Name).Order(), pod.Volumes.Select(v => v.Name).Order());
    }

    /// <summary>What the scaler asks of the database.</summary>
    internal static string ScalerQuery => Of<ScaledObject>().Single().Spec.Triggers[0].Metadata["query"];

    [Fact]
    public void The_scaler_asks_for_states_that_there_are()
    {
        var states = ScalerQuery.Split('\'').Where((_, i) => i % 2 == 1).ToList();
        Assert.Contains(nameof(TaskState.Accepted), states);
        Assert.All(states, state => Assert.True(Enum.TryParse<TaskState>(state, out _), state));
    }
}
