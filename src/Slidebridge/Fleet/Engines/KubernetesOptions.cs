using System.Text.RegularExpressions;
using Slidebridge.Settings;

namespace Slidebridge.Fleet.Engines;

/// <summary>Workers as Jobs of a Kubernetes cluster.</summary>
/// <param name="Template">A YAML file with a <c>batch/v1</c> Job, whose first container is the worker. Read again for each worker.</param>
/// <param name="Namespace">Where the Jobs are created; null: the namespace of the kubeconfig's context, or of the bridge's own pod.</param>
/// <param name="Kubeconfig">The file that says where the cluster is; null: the service account of the bridge's own pod, or else the first file of <c>KUBECONFIG</c>, or <c>~/.kube/config</c>.</param>
/// <param name="Context">The context of the kubeconfig; null: its current one. With a context, the bridge's service account is not used.</param>
sealed partial record KubernetesOptions(string Template, string? Namespace, string? Kubeconfig, string? Context) : EngineOptions
{
    public override string Kind => "kubernetes";

    /// <summary>Checks everything that is known without the cluster.</summary>
    /// <param name="group">The group, which becomes a label.</param>
    /// <exception cref="SettingException">One sentence that names the file and what is wrong.</exception>
    public override void Check(string group)
    {
        if (!Label().IsMatch(group)) throw new SettingException($"The group '{group}' cannot be a label in Kubernetes: use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends.");
        if (Namespace is not null && !DnsLabel().IsMatch(Namespace)) throw new SettingException($"The namespace '{Namespace}' is not valid in Kubernetes: use at most 63 lower-case letters, digits and '-'.");
        if (Kubeconfig is not null && !File.Exists(Kubeconfig)) throw new SettingException($"{Kubeconfig}: this kubeconfig does not exist.");
        KubernetesTemplate.Read(Template, Namespace);
    }

    public override IFleetEngine Open(string group, EngineServices services) => new KubernetesEngine(this, group, services);

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex DnsLabel();
}
