using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Slidebridge.Settings;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Slidebridge.Fleet.Engines;

/// <summary>The file that each worker's Job is made from.</summary>
static partial class KubernetesTemplate
{
    /// <summary>The labels by which the engine finds the Jobs and pods of a group, and the pod of a worker.</summary>
    public const string GroupLabel = "slidebridge.io/fleet", WorkerLabel = "slidebridge.io/worker", ManagerLabel = "app.kubernetes.io/managed-by";

    public const string Manager = "slidebridge";

    const int LongestFile = 1 << 20, SecondsAfterEnd = 3600, LeastSecondsAfterEnd = 60;

    /// <summary>Reads a template. An unknown field is an error.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="area">The namespace of the settings, with which the template's own must agree; null: none.</param>
    /// <exception cref="SettingException">One sentence that names the file and what is wrong.</exception>
    public static V1Job Read(string file, string? area)
    {
        var text = Text(file);
        try
        {
            if (KindOf(text) is { } wrong) throw new SettingException($"{file}: {wrong}.");
            var job = KubernetesYaml.Deserialize<V1Job>(text, strict: true);
            return Problem(job, area) is { } problem ? throw new SettingException($"{file}: {problem}.") : job;
        }
        catch (YamlException e)
        {
            throw new SettingException($"{file}, line {e.Start.Line}: {Told(e)}.");
        }
        // The parser's own, for some kinds of broken YAML.
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException or ArgumentException)
        {
            throw new SettingException($"{file}: this is not valid YAML.");
        }
    }

    static string Text(string file)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > LongestFile }) throw new SettingException($"{file}: a Job must be shorter than 1 MiB.");
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(e is FileNotFoundException or DirectoryNotFoundException ? $"{file}: this file with the Job of a worker does not exist." : $"{file}: the file cannot be read: {EngineText.Sentence(e.Message)}.");
        }
    }

    static string? KindOf(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        if (stream.Documents.Count != 1) return $"the file must contain one Job, and it contains {stream.Documents.Count} YAML documents";
        if (stream.Documents[0].RootNode is not YamlMappingNode root) return "the file must contain one Job";
        var (version, kind) = (Value(root, "apiVersion"), Value(root, "kind"));
        return (version, kind) is ("batch/v1", "Job") ? null : $"the file must contain a Job of batch/v1, and it contains '{kind}' of '{version}'";
    }

    static string? Value(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? (value as YamlScalarNode)?.Value : null;

    static string? Problem(V1Job job, string? area)
    {
        if (job.Metadata?.GenerateName is not null) return "metadata.generateName must be omitted, because the bridge names each Job";
        if (job.Metadata?.NamespaceProperty is { } own && own != area) return $"metadata.namespace is '{own}', but the fleet's setting 'namespace' is {(area is null ? "not set" : $"'{area}'")}";
        if (job.Spec is not { } spec) return "spec is missing";
        if (spec.PodFailurePolicy is not null) return "spec.podFailurePolicy must be omitted, because a worker has one pod: the bridge itself starts a new worker";
        if (spec.Selector is not null || spec.ManualSelector is not null) return "spec.selector and spec.manualSelector must be omitted, because the bridge gives each Job its own pod";
        if (spec.TtlSecondsAfterFinished < LeastSecondsAfterEnd) return $"spec.ttlSecondsAfterFinished must be at least {LeastSecondsAfterEnd}, because the bridge reads how a worker ended from its Job";
        if (spec.CompletionMode is not (null or "NonIndexed")) return $"spec.completionMode must be omitted, and it is '{spec.CompletionMode}'";
        if (spec.Template?.Spec?.Containers is not { Count: > 0 } containers) return "spec.template.spec.containers must list at least one container: the first one is the worker";
        for (var i = 0; i < containers.Count; i++)
        {
            if (string.IsNullOrEmpty(containers[i]?.Name)) return $"spec.template.spec.containers[{i}] has no name";
            if (string.IsNullOrEmpty(containers[i].Image)) return $"the container '{containers[i].Name}' has no image";
        }
        return null;
    }

    static string Told(YamlException e)
    {
        Exception inner = e;
        while (inner.InnerException is { } next) inner = next;
        if (inner is FormatException or OverflowException) return "the value is not of the field's type";
        return Unknown().Match(inner.Message) is { Success: true } unknown ? $"{unknown.Groups[2].Value} has no field '{unknown.Groups[1].Value}'" : EngineText.Sentence(inner.Message);
    }

    /// <summary>Makes a template the Job of one worker.</summary>
    public static V1Job For(this V1Job job, string group, WorkerRequest request)
    {
        var (spec, pod) = (job.Spec, job.Spec.Template);
        job.Status = null;
        (job.Metadata ??= new()).Name = request.Name;
        job.Metadata.NamespaceProperty = null;
        foreach (var metadata in (V1ObjectMeta[])[job.Metadata, pod.Metadata ??= new()])
        {
            metadata.Labels = new Dictionary<string, string>(metadata.Labels ?? new Dictionary<string, string>())
            {
                [GroupLabel] = group,
                [WorkerLabel] = request.Name,
                [ManagerLabel] = Manager,
            };
        }
        (spec.Completions, spec.Parallelism, spec.BackoffLimit, pod.Spec.RestartPolicy) = (1, 1, 0, "Never");
        spec.TtlSecondsAfterFinished ??= SecondsAfterEnd;
        var worker = pod.Spec.Containers[0];
        // First, because a variable can use $(NAME) only of those above it. A $ in a value is written as $$.
        worker.Env =
        [
            .. request.Environment.Select(each => new V1EnvVar { Name = each.Key, Value = each.Value.Replace("$", "$$", StringComparison.Ordinal) }),
            .. (worker.Env ?? []).Where(each => !request.Environment.ContainsKey(each.Name)),
        ];
        return job;
    }

    [GeneratedRegex(@"^Property '(.+)' not found on type 'k8s\.Models\.V[0-9]+(?:(?:alpha|beta)[0-9]+)?(\w+)'", RegexOptions.CultureInvariant)]
    private static partial Regex Unknown();
}
