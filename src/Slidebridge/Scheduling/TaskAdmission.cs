using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Scheduling;

/// <summary>
/// Decides which waiting tasks this node claims next: as many as it has free places, first the one with the earliest <see cref="BridgeTask.Turn"/>; of
/// several companies, first the one with the fewest claimed tasks; and for each classifier, no more tasks than it can start soon. docs/decisions/admission.md
/// </summary>
/// <remarks>Runs inside one transaction, one node at a time, so two nodes never claim the same task and no limit is exceeded.</remarks>
sealed class TaskAdmission(CommitQueue commits, NodeOptions node, ClassifierOptions classifier, TimeProvider time)
{
    /// <summary>Maximum deliveries that this node has claimed. They wait for the platform, and cost only memory.</summary>
    public const int DeliveryPlaces = 96;

    /// <summary>How long the list of waiting companies is reused: computing it reads all waiting tasks.</summary>
    static readonly TimeSpan LinesAreGoodFor = TimeSpan.FromSeconds(1);

    /// <summary>For this long, only the node that has the slides' copies may claim a task whose URLs have expired. After that the node is assumed lost: another claims the task and reports the expired URLs.</summary>
    static readonly TimeSpan LeftToItsCopy = TimeSpan.FromHours(24);

    /// <summary>If a row's last change is later than this from now, the wall clock was set back since. The remaining wait is then unknown, and the task is due.</summary>
    static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(1);

    static readonly TaskState[] ToClassify = [TaskState.Accepted, TaskState.Running];

    /// <summary>
    /// The maximum of claimed tasks on this node for each classifier that runs fewer tasks at a time than the node does: those that it runs, plus its share of the tasks
    /// opened ahead. More would take places from the other classifiers.
    /// </summary>
    readonly Dictionary<string, int> most = MostOf(classifier);

    /// <summary>The groups whose tasks only workers elsewhere take.</summary>
    readonly string[] workerGroups = [.. classifier.WorkerGroups];

    /// <summary>The companies with waiting tasks, for each classifier with a limit, and (null) for all other classifiers together.</summary>
    List<(string? Company, string? Classifier, DateTimeOffset Turn)> lines = [];
    long? linesAt;

    /// <summary>Knows how many tasks are opened ahead. Null: the least number.</summary>
    public ClassifierSlots? Slots { get; init; }

    /// <summary>Knows the claimed tasks whose slides are slow: they hold no place. Null: none.</summary>
    public Openings? Openings { get; init; }

    /// <summary>The name of this node's staging directory.</summary>
    public string? Cache { get; init; }

    /// <summary>Claims due tasks, as many as this node has room for.</summary>
    public Task<IReadOnlyList<DueTask>> ClaimAsync() => commits.CommitAsync(ClaimAsync);

    async Task<IReadOnlyList<DueTask>> ClaimAsync(TaskDatabase database)
    {
        await database.AloneAsync(CancellationToken.None);
        var now = time.GetUtcNow();
        var chosen = await DeliveriesAsync(database, now);
        chosen.AddRange(await ClassificationsAsync(database, now));
        foreach (var task in chosen) (task.ClaimedAt, task.Node) = (now, node.Name);
        return [.. chosen.Select(t => new DueTask(t.Number, t.State, t.Group))];
    }

    static Dictionary<string, int> MostOf(ClassifierOptions classifier)
    {
        string[] names = [.. classifier.Routes.Select(r => r.Classifier).Distinct()];
        if (names.Length == 1) return [];
        var ahead = classifier.IsClusterWide ? 0 : Math.Max(1, OpenedAhead.Least / names.Length);
        return names.Where(n => classifier.ProcessesOf(n) < classifier.Concurrency).ToDictionary(n => n, n => classifier.ProcessesOf(n)!.Value + ahead);
    }

    static IQueryable<BridgeTask> Due(TaskDatabase database, DateTimeOffset now)
    {
        var future = now + ClocksDiffer;
        return database.Tasks.Where(t => t.ClaimedAt == null && (t.NotBefore == null || t.NotBefore <= now || t.UpdatedAt > future));
    }

    async Task<List<BridgeTask>> DeliveriesAsync(TaskDatabase database, DateTimeOffset now)
    {
        var due = await Due(database, now).Where(t => TaskStates.ToDeliver.Contains(t.State)).OrderBy(t => t.Turn).Take(DeliveryPlaces).ToListAsync();
        if (due.Count == 0) return due;
        var inHand = await database.Tasks.CountAsync(t => TaskStates.ToDeliver.Contains(t.State) && t.ClaimedAt != null && t.Node == node.Name);
        return [.. due.Take(Math.Max(0, DeliveryPlaces - inHand))];
    }

    async Task<List<BridgeTask>> ClassificationsAsync(TaskDatabase database, DateTimeOffset now)
    {
        var running = UnderWay(database);
        var free = (Slots?.Places ?? ClassifierSlots.PlacesOf(classifier, OpenedAhead.Least)) + (Openings?.Aside ?? 0) - await (classifier.IsClusterWide ? running.Where(t => t.Group == classifier.Group) : running.Where(t => t.Node == node.Name)).CountAsync();
        if (free <= 0) return [];
        var room = await RoomAsync(running);

        var isFresh = linesAt is not { } looked || time.GetElapsedTime(looked) > LinesAreGoodFor;
        if (isFresh) await FindQueuesAsync();
        var chosen = await ChooseAsync();
        if (chosen.Count < free && !isFresh && room.Values.All(r => r > 0))
        {
            // Places are left, so few tasks wait and the query is cheap: a new company may be among them. (It is not cheap if many tasks wait for a classifier that is full.)
            await FindQueuesAsync();
            chosen = await ChooseAsync();
        }
        return chosen;

        async Task FindQueuesAsync()
        {
            var found = await Waiting(database, now).GroupBy(t => new { t.CompanyId, t.Classifier }).Select(g => new { g.Key, Turn = g.Min(t => t.Turn) }).ToListAsync();
            lines = [.. found.GroupBy(g => (g.Key.CompanyId, Limited(g.Key.Classifier)), (key, g) => ((string?)key.CompanyId, key.Item2, g.Min(each => each.Turn)))];
            linesAt = time.GetTimestamp();
        }

        async Task<List<BridgeTask>> ChooseAsync()
        {
            var inHand = lines.Count <= 1 && node.CompanyLimit is null ? []
                : await running.GroupBy(t => t.CompanyId ?? "").Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count);
            var heads = new List<Queue<BridgeTask>>();
            foreach (var ofOne in lines.GroupBy(l => l.Classifier))
            {
                var left = ofOne.Key is { } name ? Math.Min(room[name], free) : free;
                if (left <= 0) continue;
                // With this many free places, at most this many companies get a task: those that come first.
                foreach (var (company, _, _) in ofOne.OrderBy(l => (inHand.GetValueOrDefault(l.Company ?? ""), l.Turn)).Take(free))
                    heads.Add(new(await WaitingFor(ofOne.Key).Where(t => t.CompanyId == company).OrderBy(t => t.Turn).Take(left).ToListAsync()));
            }
            return Choose(heads, inHand, new(room), free, node.CompanyLimit ?? int.MaxValue);
        }

        IQueryable<BridgeTask> WaitingFor(string? limited)
        {
            var waiting = Waiting(database, now);
            if (limited is not null) return waiting.Where(t => t.Classifier == limited);
            if (most.Count == 0) return waiting;
            string[] others = [.. most.Keys];
            return waiting.Where(t => t.Classifier == null || !others.Contains(t.Classifier));
        }
    }

    string? Limited(string? name) => name is not null && most.ContainsKey(name) ? name : null;

    /// <summary>How many more tasks of each classifier with a limit may be claimed.</summary>
    async Task<Dictionary<string, int>> RoomAsync(IQueryable<BridgeTask> running)
    {
        if (most.Count == 0) return [];
        var inHand = await running.Where(t => t.Node == node.Name && t.Classifier != null).GroupBy(t => t.Classifier!).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count);
        return most.ToDictionary(m => m.Key, m => m.Value + (Openings?.AsideOf(m.Key) ?? 0) - inHand.GetValueOrDefault(m.Key));
    }

    /// <summary>The tasks that are claimed and not classified yet, by all nodes and workers.</summary>
    public static IQueryable<BridgeTask> UnderWay(TaskDatabase database) => database.Tasks.Where(t => ToClassify.Contains(t.State) && t.ClaimedAt != null);

    /// <summary>The tasks that may be claimed now.</summary>
    /// <param name="database">The database.</param>
    /// <param name="now">Now.</param>
    /// <param name="cache">The name of this node's staging directory, or null.</param>
    public static IQueryable<BridgeTask> Waiting(TaskDatabase database, DateTimeOffset now, string? cache)
    {
        var gone = now - LeftToItsCopy;
        return Due(database, now).Where(t => t.State == TaskState.Accepted && t.VerifiedAt != null
            && (t.StagedOn == null || t.StagedOn == cache || t.ExpiresAt == null || t.ExpiresAt > now || t.ExpiresAt < gone));
    }

    IQueryable<BridgeTask> Waiting(TaskDatabase database, DateTimeOffset now)
    {
        var waiting = Waiting(database, now, Cache);
        if (workerGroups.Length > 0) waiting = waiting.Where(t => !workerGroups.Contains(t.Group));
        return node.Serves.Count == 0 ? waiting : waiting.Where(t => node.Serves.Contains(t.Group));
    }

    /// <summary>Chooses tasks one by one, each from the company with the fewest claimed tasks; of equals, the one whose next task has the earliest <see cref="BridgeTask.Turn"/>.</summary>
    public static List<BridgeTask> Choose(List<Queue<BridgeTask>> heads, Dictionary<string, int> inHand, Dictionary<string, int> room, int free, int limit)
    {
        var chosen = new List<BridgeTask>();
        while (chosen.Count < free)
        {
            var next = heads.Where(h => h.Count > 0 && Room(h.Peek()) > 0 && Count(h) < limit).MinBy(h => (Count(h), h.Peek().Turn));
            if (next is null) break;
            var task = next.Dequeue();
            inHand[task.CompanyId ?? ""] = inHand.GetValueOrDefault(task.CompanyId ?? "") + 1;
            if (task.Classifier is { } name && room.TryGetValue(name, out var left)) room[name] = left - 1;
            chosen.Add(task);
        }
        return chosen;

        int Room(BridgeTask task) => task.Classifier is { } name && room.TryGetValue(name, out var left) ? left : int.MaxValue;

        int Count(Queue<BridgeTask> head) => inHand.GetValueOrDefault(head.Peek().CompanyId ?? "");
    }
}
