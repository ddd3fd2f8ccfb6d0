using System.Text.RegularExpressions;
using k8s.Models;

namespace Slidebridge.Tests.Fleet;

/// <summary>What a cluster checks in a Job beyond its schema, as far as workers use it.</summary>
sealed partial class KubernetesDouble
{
    /// <summary>The message of its answer 422; null: the Job is valid.</summary>
    static string? Invalid(V1Job job)
    {
        if (!Name().IsMatch(job.Metadata.Name ?? "")) return $"metadata.name: Invalid value: \"{job.Metadata.Name}\"";
        var pod = job.Spec.Template;
        foreach (var (key, value) in (job.Metadata.Labels ?? new Dictionary<string, string>()).Concat(pod.Metadata?.Labels ?? new Dictionary<string, string>()))
            if (!LabelKey().IsMatch(key) || !Label().IsMatch(value)) return $"metadata.labels: Invalid value: \"{key}={value}\"";
        if (job.Spec.Selector is not null) return "spec.selector: field not allowed";
        if (pod.Spec?.RestartPolicy is not ("Never" or "OnFailure")) return "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"";
        if (pod.Spec.Containers is not { Count: > 0 }) return "spec.template.spec.containers: Required value";
        foreach (var container in pod.Spec.Containers)
        {
            if (string.IsNullOrEmpty(container.Name) || string.IsNullOrEmpty(container.Image)) return "spec.template.spec.containers[0].image: Required value";
            foreach (var variable in container.Env ?? [])
                if (!Variable().IsMatch(variable.Name ?? "") || (variable.Value is not null && variable.ValueFrom is not null)) return $"spec.template.spec.containers[0].env: Invalid value: \"{variable.Name}\"";
            if (container.Resources?.Limits?.Keys.FirstOrDefault(key => key is not ("cpu" or "memory" or "ephemeral-storage") && !key.Contains('/', StringComparison.Ordinal)) is { } resource)
                return $"spec.template.spec.containers[0].resources.limits[{resource}]: Invalid value: \"{resource}\": must be a standard resource type or fully qualified";
        }
        return null;
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex Name();

    [GeneratedRegex("^([a-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex LabelKey();

    [GeneratedRegex("^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$")]
    private static partial Regex Label();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]*$")]
    private static partial Regex Variable();
}
