using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Fleet.Engines;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Fleet;

/// <summary>An engine with its files, and the cluster that it calls.</summary>
sealed class KubernetesSetup : IAsyncDisposable
{
    public const string Template = """
        apiVersion: batch/v1
        kind: Job
        spec:
          template:
            spec:
              containers:
                - name: worker
                  image: slidebridge:1
                  resources: { limits: { nvidia.com/gpu: 1 } }
        """;

    readonly TemporaryFolder folder = new();
    readonly List<IDisposable> opened = [];

    KubernetesSetup(KubernetesDouble cluster) => Cluster = cluster;

    public KubernetesDouble Cluster { get; }

    public string TemplateFile => folder.File("worker-job.yaml");

    public static async Task<KubernetesSetup> StartAsync(string template = Template, bool https = false)
    {
        var made = new KubernetesSetup(await KubernetesDouble.StartAsync(https));
        await File.WriteAllTextAsync(made.TemplateFile, template);
        return made;
    }

    public string Save(string name, string text)
    {
        File.WriteAllText(folder.File(name), text);
        return folder.File(name);
    }

    /// <summary>A kubeconfig of the cluster with two contexts, of which the second is not the current one.</summary>
    /// <param name="authority">The file of its certificate authority.</param>
    /// <param name="token">The token of its user.</param>
    /// <param name="area">The namespace of its first context.</param>
    /// <param name="program">A shell command that prints the credentials, instead of the token.</param>
    public string Kubeconfig(string? authority = null, string token = KubernetesDouble.Token, string area = KubernetesDouble.Namespace, string? program = null)
    {
        var name = $"kubeconfig-{Guid.NewGuid():n}";
        var script = program is null ? null : Save(name + ".sh", "#!/bin/sh\n" + program);
        if (script is not null && !OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var credentials = script is null ? $"token: {token}" : $"exec: {{ apiVersion: client.authentication.k8s.io/v1, command: {script} }}";
        return Save(name, $$"""
        apiVersion: v1
        kind: Config
        current-context: here
        contexts:
          - name: here
            context: { cluster: here, user: bridge, namespace: {{area}} }
          - name: elsewhere
            context: { cluster: elsewhere, user: bridge }
        clusters:
          - name: here
            cluster:
              server: {{Cluster.Address.AbsoluteUri}}
              {{(authority is null ? "" : "certificate-authority: " + authority)}}
          - name: elsewhere
            cluster: { server: "http://127.0.0.1:9" }
        users:
          - name: bridge
            user: { {{credentials}} }
        """);
    }

    public KubernetesEngine Engine(KubernetesOptions? options = null, TimeProvider? time = null, string group = "gpu")
    {
        var engine = (KubernetesEngine)(options ?? new(TemplateFile, null, Kubeconfig(), null)).Open(group, new(time ?? TimeProvider.System, NullLogger.Instance));
        opened.Add(engine);
        return engine;
    }

    public static WorkerRequest Request(string name = "gpu-1", params (string Name, string Value)[] variables) => new(name, variables.ToDictionary(v => v.Name, v => v.Value));

    /// <summary>A worker that was started and is listed.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="pod">What happened to its pod; null: it has none.</param>
    public async Task<EngineWorker> ListedAsync(KubernetesEngine engine, Action<V1Pod>? pod)
    {
        await engine.StartAsync(Request(), TestContext.Current.CancellationToken);
        if (pod is not null) Cluster.Pod("gpu-1", pod);
        return Assert.Single(await engine.ListAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        opened.ForEach(each => each.Dispose());
        await Cluster.DisposeAsync();
        folder.Dispose();
    }
}
