using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Slidebridge.Settings;

namespace Slidebridge.Fleet.Engines;

/// <summary>Starts workers as Jobs of Kubernetes. Each has one pod, which the cluster never starts a second time.</summary>
sealed partial class KubernetesEngine(KubernetesOptions options, string group, EngineServices services) : IFleetEngine, IDisposable
{
    /// <summary>Of a list, and of all its pages.</summary>
    const int PageLength = 250, MostPages = 20;

    /// <summary>Of a list whose page expired, or of a Job that changed before it was deleted.</summary>
    const int MostAttempts = 4;

    readonly KubernetesConnection api = new(options, services.Time);

    string Selector => $"{KubernetesTemplate.GroupLabel}={group},{KubernetesTemplate.ManagerLabel}={KubernetesTemplate.Manager}";

    public async Task StartAsync(WorkerRequest request, CancellationToken cancellationToken)
    {
        var job = Job(request);
        await api.CallAsync(new("create", "jobs"), async (client, area, token) =>
        {
            try
            {
                await client.BatchV1.CreateNamespacedJobAsync(job, area, fieldManager: KubernetesTemplate.Manager, fieldValidation: "Strict", cancellationToken: token);
            }
            catch (HttpOperationException e) when (KubernetesFailure.ReasonOf(e) == "AlreadyExists")
            {
            }
            return true;
        }, cancellationToken);
    }

    V1Job Job(WorkerRequest request)
    {
        try
        {
            return KubernetesTemplate.Read(options.Template, options.Namespace).For(group, request);
        }
        catch (SettingException e)
        {
            throw new FleetEngineException(e.Message, e);
        }
    }

    public async Task<IReadOnlyList<EngineWorker>> ListAsync(CancellationToken cancellationToken)
    {
        // Pods first: one without a Job then belongs to a Job that was deleted, and never to one that is new.
        var pods = (await PodsAsync(Selector, cancellationToken)).GroupBy(JobOf).ToDictionary(each => each.Key, Current);
        var jobs = await AllAsync<V1JobList, V1Job>(new("list", "jobs"), (client, area, next, token) =>
            client.BatchV1.ListNamespacedJobAsync(area, labelSelector: Selector, limit: PageLength, continueParameter: next, cancellationToken: token), cancellationToken);
        var refusals = jobs.Any(job => job.Status?.Conditions is null or [] && !pods.ContainsKey(job.Metadata.Uid)) ? await RefusalsAsync(cancellationToken) : [];
        var workers = jobs.Select(job => KubernetesWorker.Of(job.Metadata.Name, job.Metadata.Uid, job, pods.GetValueOrDefault(job.Metadata.Uid), refusals.GetValueOrDefault(job.Metadata.Uid)));
        var known = jobs.Select(job => job.Metadata.Uid).ToHashSet();
        var lone = pods.Where(each => !known.Contains(each.Key)).Select(each => KubernetesWorker.Of(NameOf(each.Value), each.Key, null, each.Value, null));
        return [.. workers, .. lone];
    }

    /// <summary>The pod's Job, or the pod itself where its Job released it.</summary>
    static string JobOf(V1Pod pod) => pod.Metadata.OwnerReferences?.FirstOrDefault(owner => owner is { Controller: true, Kind: "Job" })?.Uid ?? pod.Metadata.Uid;

    static string NameOf(V1Pod pod) => pod.Metadata.Labels?.TryGetValue(KubernetesTemplate.WorkerLabel, out var name) == true ? name : pod.Metadata.Name;

    static V1Pod Current(IEnumerable<V1Pod> pods) => pods.OrderBy(KubernetesEnd.IsOver).ThenByDescending(pod => pod.Metadata.CreationTimestamp).First();

    Task<List<V1Pod>> PodsAsync(string selector, CancellationToken cancellationToken) => AllAsync<V1PodList, V1Pod>(new("list", "pods"), (client, area, next, token) =>
        client.CoreV1.ListNamespacedPodAsync(area, labelSelector: selector, limit: PageLength, continueParameter: next, cancellationToken: token), cancellationToken);

    /// <summary>Why pods were not created, such as by a quota, by their Jobs' uids. Only events say so; without the right to read them there is no reason.</summary>
    async Task<Dictionary<string, string>> RefusalsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var events = await api.CallAsync(new("list", "events"), (client, area, token) =>
                client.CoreV1.ListNamespacedEventAsync(area, fieldSelector: "involvedObject.kind=Job,reason=FailedCreate", limit: PageLength, cancellationToken: token), cancellationToken);
            return (events.Items ?? []).Where(e => e is { InvolvedObject.Uid: not null, Message: not null }).GroupBy(e => e.InvolvedObject.Uid)
                .ToDictionary(each => each.Key, each => each.MaxBy(e => e.LastTimestamp ?? e.EventTime)!.Message.Replace("Error creating: ", "", StringComparison.Ordinal));
        }
        catch (FleetEngineException e)
        {
            LogNoEvents(services.Log, e.Message);
            return [];
        }
    }

    /// <summary>A whole list. It begins again if the cluster has forgotten the snapshot that its pages come from.</summary>
    async Task<List<TItem>> AllAsync<TList, TItem>(KubernetesCall what, Func<Kubernetes, string, string?, CancellationToken, Task<TList>> list, CancellationToken cancellationToken)
        where TList : IKubernetesObject<V1ListMeta>, IItems<TItem>
    {
        for (var attempt = 1; ; attempt++)
            if (await PagesAsync<TList, TItem>(what, list, attempt < MostAttempts, cancellationToken) is { } all) return all;
    }

    /// <summary>All pages; null: the cluster has forgotten the snapshot.</summary>
    async Task<List<TItem>?> PagesAsync<TList, TItem>(KubernetesCall what, Func<Kubernetes, string, string?, CancellationToken, Task<TList>> list, bool mayExpire, CancellationToken cancellationToken)
        where TList : IKubernetesObject<V1ListMeta>, IItems<TItem>
    {
        var (all, next) = (new List<TItem>(), (string?)null);
        for (var number = 0; number < MostPages; number++)
        {
            var page = await api.CallAsync(what, async (client, area, token) =>
            {
                try
                {
                    var page = await list(client, area, next, token);
                    return page is { Metadata: not null, Items: not null } ? page : throw new JsonException();
                }
                catch (HttpOperationException e) when (KubernetesFailure.CodeOf(e) == HttpStatusCode.Gone && mayExpire)
                {
                    return default;
                }
            }, cancellationToken);
            if (page is null) return null;
            all.AddRange(page.Items);
            next = page.Metadata.ContinueProperty;
            if (string.IsNullOrEmpty(next)) return all;
        }
        throw new FleetEngineException($"Kubernetes has more than {MostPages * PageLength} {what.Resource} of the group {group}: set ttlSecondsAfterFinished in {options.Template} to a shorter time.");
    }

    /// <summary>
    /// Deletes the worker's Job. One that was queued is deleted only while its pod has no node and the Job is unchanged since that check. The scheduler may assign a node between the check and the deletion: then a worker ends in its first moments.
    /// </summary>
    public async Task StopAsync(EngineWorker worker, CancellationToken cancellationToken)
    {
        if (worker.Phase != WorkerPhase.Queued)
        {
            await DeleteAsync(worker, null, cancellationToken);
            return;
        }
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            if (await JobAsync(worker.Name, cancellationToken) is not { } job || job.Metadata.Uid != worker.Id) return;
            var pods = await PodsAsync($"{Selector},{KubernetesTemplate.WorkerLabel}={worker.Name}", cancellationToken);
            if (pods.Exists(pod => JobOf(pod) == worker.Id && KubernetesWorker.IsScheduled(pod))) return;
            if (await DeleteAsync(worker, job.Metadata.ResourceVersion, cancellationToken)) return;
        }
        throw new FleetEngineException($"The Job {worker.Name} changed {MostAttempts} times while Kubernetes was asked to delete it.");
    }

    Task<V1Job?> JobAsync(string name, CancellationToken cancellationToken) => api.CallAsync(new("get", "jobs"), async (client, area, token) =>
    {
        try
        {
            return (V1Job?)await client.BatchV1.ReadNamespacedJobAsync(name, area, cancellationToken: token);
        }
        catch (HttpOperationException e) when (KubernetesFailure.CodeOf(e) == HttpStatusCode.NotFound)
        {
            return null;
        }
    }, cancellationToken);

    /// <summary>False: the Job has changed, or another one has its name.</summary>
    Task<bool> DeleteAsync(EngineWorker worker, string? version, CancellationToken cancellationToken) => api.CallAsync(new("delete", "jobs"), async (client, area, token) =>
    {
        try
        {
            var body = new V1DeleteOptions { PropagationPolicy = "Background", Preconditions = new() { Uid = worker.Id, ResourceVersion = version } };
            await client.BatchV1.DeleteNamespacedJobAsync(worker.Name, area, body, cancellationToken: token);
            return true;
        }
        catch (HttpOperationException e) when (KubernetesFailure.CodeOf(e) == HttpStatusCode.NotFound)
        {
            return true;
        }
        catch (HttpOperationException e) when (KubernetesFailure.CodeOf(e) == HttpStatusCode.Conflict)
        {
            return false;
        }
    }, cancellationToken);

    public void Dispose() => api.Dispose();

    [LoggerMessage(660, LogLevel.Debug, "Kubernetes does not say why pods are not created: {Why}")]
    static partial void LogNoEvents(ILogger log, string why);
}
