using Microsoft.EntityFrameworkCore;
using Slidebridge.Scheduling;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Workers;

/// <summary>Chooses the tasks that workers lease next, by the same rules as a node chooses its own: the earliest <see cref="BridgeTask.Turn"/>, and of several companies the one with the fewest running tasks.</summary>
sealed class WorkerAdmission(NodeOptions node, TimeProvider time)
{
    /// <summary>The name of this node's staging directory.</summary>
    public string? Cache { get; init; }

    /// <summary>The waiting tasks that come first, as a part of the caller's commit.</summary>
    /// <param name="database">The caller's commit. No other node chooses tasks at the same time.</param>
    /// <param name="groups">The execution groups.</param>
    /// <param name="classifiers">The classifiers' names.</param>
    /// <param name="most">Maximum number of tasks.</param>
    public async Task<IReadOnlyList<BridgeTask>> ChooseAsync(TaskDatabase database, IReadOnlyCollection<string> groups, IReadOnlyCollection<string> classifiers, int most)
    {
        var now = time.GetUtcNow();
        var waiting = TaskAdmission.Waiting(database, now, Cache).Where(t => groups.Contains(t.Group) && t.Classifier != null && classifiers.Contains(t.Classifier));
        var lines = await waiting.GroupBy(t => t.CompanyId).Select(g => new { Company = g.Key, Turn = g.Min(t => t.Turn) }).ToListAsync();
        if (lines.Count == 0) return [];
        Dictionary<string, int> inHand = lines.Count == 1 && node.CompanyLimit is null ? []
            : await TaskAdmission.UnderWay(database).GroupBy(t => t.CompanyId ?? "").Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count);
        var heads = new List<Queue<BridgeTask>>();
        foreach (var line in lines.OrderBy(l => (inHand.GetValueOrDefault(l.Company ?? ""), l.Turn)).Take(most))
            heads.Add(new((await waiting.Where(t => t.CompanyId == line.Company).OrderBy(t => t.Turn).Take(most).ToListAsync()).Where(IsStillWaiting)));
        return TaskAdmission.Choose(heads, inHand, [], most, node.CompanyLimit ?? int.MaxValue);
    }

    /// <summary>Another change of the same commit may have taken the task.</summary>
    static bool IsStillWaiting(BridgeTask task) => task is { State: TaskState.Accepted, ClaimedAt: null };
}
