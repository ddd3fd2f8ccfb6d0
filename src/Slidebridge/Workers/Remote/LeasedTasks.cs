using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Tasks;

namespace Slidebridge.Workers.Remote;

/// <summary>The leases of this worker, as rows that a run can work with; and the rules that each lease states.</summary>
sealed class LeasedTasks(BridgeLink bridge) : ITaskRoutes
{
    readonly ConcurrentDictionary<long, (LeaseJson Lease, BridgeTask Task)> held = [];

    /// <summary>The bridge's rules for runs that fail; those of the newest lease.</summary>
    public LeasedRetries Retries { get; private set; } = new(8, 2, 300, 3);

    /// <summary>How often the leases are renewed.</summary>
    public TimeSpan RenewEvery { get; private set; } = TimeSpan.FromSeconds(10);

    public IReadOnlyCollection<BridgeTask> All => [.. held.Values.Select(each => each.Task)];

    public bool Has(long number) => held.ContainsKey(number);

    public void Add(LeaseJson lease, string worker)
    {
        Retries = lease.Retries;
        RenewEvery = TimeSpan.FromSeconds(Math.Clamp(lease.RenewSeconds, 0.1, 60));
        held[lease.Number] = (lease, new BridgeTask
        {
            Number = lease.Number,
            PlatformId = "",
            CaseNumber = lease.CaseNumber,
            CompanyId = lease.CompanyId,
            Model = lease.Model,
            Request = lease.Request,
            State = TaskState.Accepted, // As a node sees a task that it is about to run: its last crash is counted already.
            Classifier = lease.Classifier,
            Node = worker,
            ClaimedAt = DateTimeOffset.UtcNow,
            FencingToken = LeaseId.Parse(lease.Id)?.FencingToken ?? 0,
            Crashes = lease.Crashes,
            LoneCrashes = lease.LoneCrashes,
            Delays = lease.Delays,
            AcceptedAt = lease.AcceptedAt,
            TraceParent = lease.TraceParent,
            Scans = [.. lease.Scans.Select(scan => new TaskScan
            {
                ScanId = scan.ScanId,
                Urls = [.. scan.Urls.Select(url => url.StartsWith('/') ? new Uri(bridge.Address, url).AbsoluteUri : url)],
                StainValue = scan.StainValue,
                StainCode = scan.StainCode,
                StainLabel = scan.StainLabel,
            })],
        });
    }

    public void Remove(long number) => held.TryRemove(number, out _);

    /// <summary>Forgets the leases that the bridge gave to another worker or ended: their runs take no further step.</summary>
    public void Lose(IReadOnlyCollection<string> ids)
    {
        foreach (var (number, lease) in held)
            if (ids.Contains(lease.Lease.Id)) held.TryRemove(new(number, lease));
    }

    public BridgeTask? Find(long number) => held.TryGetValue(number, out var lease) ? lease.Task : null;

    public bool HasPicture(long number, string scan) => held.TryGetValue(number, out var lease) && lease.Lease.Scans.Any(s => s.ScanId == scan && s.HasPicture);

    public ClassifierRoute? Find(BridgeTask task) => held.TryGetValue(task.Number, out var lease)
        ? new ClassifierRoute(lease.Lease.Classifier) { Settings = lease.Lease.Settings is { } settings ? JsonObject.Create(settings) : null } : null;

    public ClassifierRoute Choose(BridgeTask task) => Find(task) ?? throw new TaskMovedOnException(task.Number, null, task.FencingToken);

    public bool PostsProvenance(BridgeTask task) => held.TryGetValue(task.Number, out var lease) && lease.Lease.PostProvenance;
}
