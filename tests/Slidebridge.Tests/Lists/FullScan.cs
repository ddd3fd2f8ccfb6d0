using Microsoft.EntityFrameworkCore;
using Slidebridge.Lists;
using Slidebridge.Tasks;
using Slidebridge.Usage;

namespace Slidebridge.Tests.Lists;

/// <summary>What lists and sums must be, from the rows of all tasks.</summary>
sealed class FullScan(IReadOnlyList<BridgeTask> tasks)
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task AssertEqualAsync(ListWorld world)
    {
        await using var database = await world.Databases.CreateDbContextAsync(Token);
        var scan = new FullScan(await database.Tasks.AsNoTracking().ToListAsync(Token));
        foreach (var filter in Filters())
        {
            var expected = scan.Of(filter, withStates: true).Select(t => t.Number).ToList();
            var counts = await world.Lists.CountAsync(filter, Token);
            Assert.Equal(Enum.GetValues<TaskState>().Select(state => scan.Of(filter, withStates: false).Count(t => t.State == state)), Enum.GetValues<TaskState>().Select(state => counts.ByState[state]));
            Assert.Equal(expected.Count, counts.Of(filter.States));
            Assert.Equal(expected, await DownAsync(world, filter, 23));
            Assert.Equal(expected, await UpAsync(world, filter, 29));
            Assert.Equal(expected.Skip(5).Take(3), (await world.Lists.PageAsync(filter, new TaskPageRequest(3, Offset: 5), Token)).Tasks.Select(t => t.Number));
        }
        await scan.AssertUsageAsync(world);
        await scan.AssertOverviewAsync(world);
        var values = await world.Lists.ValuesAsync(null, Token);
        Assert.Equal(scan.tasks.Where(t => t.CompanyId is not null).GroupBy(t => t.CompanyId!).ToDictionary(g => g.Key, g => g.Count()), values.Companies.ToDictionary(v => v.Value, v => v.Tasks));
        Assert.Equal(scan.tasks.SelectMany(t => t.Scans.Select(s => s.StainValue).OfType<string>().Distinct()).GroupBy(s => s).ToDictionary(g => g.Key, g => g.Count()), values.Stains.ToDictionary(v => v.Value, v => v.Tasks));
    }

    readonly IReadOnlyList<BridgeTask> tasks = [.. tasks.OrderByDescending(t => t.AcceptedAt).ThenByDescending(t => t.Number)];

    static IEnumerable<TaskFilter> Filters()
    {
        var now = DateTimeOffset.UtcNow;
        return
        [
            new(), new() { States = [TaskState.Failed] }, new() { States = [TaskState.Accepted, TaskState.Completed] }, new() { Company = "a" }, new() { Company = "" }, new() { Company = "nobody" }, new() { Model = "m1", Stain = "HE" },
            new() { Classifier = "python:x.py" }, new() { Classifier = "boxes", Group = "gpu" }, new() { Stain = "Ki-67", States = [TaskState.Completed] }, new() { Node = "node-1" }, new() { Companies = ["a", "b"] }, new() { Companies = ["b"], Company = "a" },
            new() { Since = now.AddDays(-20), Until = now.AddDays(-5) }, new() { Since = now.AddDays(1) }, new() { Until = now.AddDays(-30), Company = "c" },
            new() { Search = "17" }, new() { Search = "1010" }, new() { Search = "510" }, new() { Search = "s-3" }, new() { Search = "Y2FzZToxMDEw" }, new() { Search = "nothing" }, new() { Search = "520", Companies = ["a"] },
        ];
    }

    static async Task<List<long>> DownAsync(ListWorld world, TaskFilter filter, int limit)
    {
        var (found, page) = (new List<long>(), await world.Lists.PageAsync(filter, new TaskPageRequest(limit), Token));
        Assert.Null(page.Previous);
        for (; ; page = await world.Lists.PageAsync(filter, new TaskPageRequest(limit, page.Next), Token))
        {
            found.AddRange(page.Tasks.Select(t => t.Number));
            if (page.Next is null) return found;
        }
    }

    static async Task<List<long>> UpAsync(ListWorld world, TaskFilter filter, int limit)
    {
        var found = new List<long>();
        for (TaskKey? before = TaskKey.First; before is not null;)
        {
            var page = await world.Lists.PageAsync(filter, new TaskPageRequest(limit, Before: before), Token);
            found.InsertRange(0, page.Tasks.Select(t => t.Number));
            before = page.Previous;
        }
        return found;
    }

    IEnumerable<BridgeTask> Of(TaskFilter f, bool withStates) => tasks.Where(t => (f.States is null || !withStates || f.States.Contains(t.State)) && Is(f.Company, t.CompanyId) && Is(f.Model, t.Model) && Is(f.Group, t.Group) && Is(f.Node, t.Node)
        && (f.Classifier is null || t.Classifier == f.Classifier || ClassifierName.Of(t.Classifier) == f.Classifier) && (f.Stain is null || t.Scans.Exists(s => s.StainValue == f.Stain)) && (f.Companies is null || f.Companies.Contains(t.CompanyId))
        && (f.Since is null || t.AcceptedAt >= f.Since) && (f.Until is null || t.AcceptedAt < f.Until)
        && (f.Search is null || $"{t.Number}" == f.Search || $"{t.CaseNumber}" == f.Search.Replace("Y2FzZToxMDEw", "1010", StringComparison.Ordinal) || t.Scans.Exists(s => s.ScanId == f.Search)));

    static bool Is(string? wanted, string? value) => wanted is null || wanted == (value ?? "");

    async Task AssertUsageAsync(ListWorld world)
    {
        var now = DateTimeOffset.UtcNow;
        var range = new UsageRange(UsagePeriod.MonthOf(now.AddDays(-31)), UsagePeriod.MonthOf(now));
        var ended = tasks.Where(t => t.VerifiedAt is not null && t.EndedAt >= range.First.Start && t.EndedAt < range.Last.End && t.CompanyId is "a" or "b").ToList();
        foreach (var (keys, keyOf) in (IEnumerable<(UsageKey[], Func<BridgeTask, string>)>)[([UsageKey.Month, UsageKey.Company], t => UsagePeriod.MonthName(t.EndedAt!.Value) + t.CompanyId), ([UsageKey.Day], t => UsagePeriod.DayName(t.EndedAt!.Value)),
            ([UsageKey.Classifier, UsageKey.Group], t => ClassifierName.Of(t.Classifier) + t.Group), ([UsageKey.Model], t => t.Model ?? "")])
        {
            var sums = await world.Usage.OfAsync(range, keys, ["a", "b"], Token);
            Assert.Equal(ended.Select(keyOf).Distinct().Count(), sums.Count);
            foreach (var sum in sums)
            {
                var group = ended.Where(t => keyOf(t) == string.Concat(keys.Select(sum.Of))).ToList();
                Assert.Equal((group.Count, group.Count(t => t.State is TaskState.Completed), group.Count(t => t.State is TaskState.Failed), group.Sum(t => t.Scans.Count)), (sum.Tasks, sum.Completed, sum.Failed, sum.Scans));
                Assert.Equal(group.Sum(t => t.PixelsRead) / 1e6, sum.Megapixels, 9);
                Assert.Equal(group.Sum(t => t.ClassifierSeconds), sum.ClassifierSeconds, 9);
                var seconds = group.Where(t => t.State is TaskState.Completed && t.UpdatedAt == t.EndedAt).Select(t => (float)(t.EndedAt!.Value - t.AcceptedAt).TotalSeconds).Order().ToList();
                Assert.Equal(seconds.Count == 0 ? null : Math.Round(seconds[(seconds.Count * 50 + 99) / 100 - 1], 3), sum.MedianSeconds);
                Assert.Equal(seconds.Count == 0 ? null : Math.Round(seconds[(seconds.Count * 95 + 99) / 100 - 1], 3), sum.P95Seconds);
            }
        }
    }

    async Task AssertOverviewAsync(ListWorld world)
    {
        var overview = await world.Overview.ReadAsync(null, Token);
        var seen = tasks.Where(t => t.VerifiedAt is not null).ToList();
        var waiting = seen.Where(t => t.State is TaskState.Accepted).ToList();
        Assert.Equal((waiting.Count, waiting.LastOrDefault()?.Number, waiting.LastOrDefault()?.AcceptedAt), (overview.Waiting.Tasks, overview.Waiting.Oldest, overview.Waiting.Since));
        Assert.Equal(waiting.GroupBy(t => (t.Group, ClassifierName.Of(t.Classifier))).ToDictionary(g => g.Key, g => (g.Count(), g.Min(t => t.AcceptedAt))), overview.Loads.Where(load => load.Waiting > 0).ToDictionary(load => (load.Group, load.Classifier), load => (load.Waiting, load.Since!.Value)));
        Assert.Equal(seen.Count(t => t.State is TaskState.Running), overview.Loads.Sum(load => load.Running));
        Assert.Equal((seen.Count(t => t.State is TaskState.Running), seen.Count(t => t.State is TaskState.Held), seen.Count(t => t.State is TaskState.Classified or TaskState.Delivering)), (overview.Running, overview.Held, overview.Delivering));
        Assert.Equal(tasks.Count(t => t.VerifiedAt is null && !t.State.IsEnded()), overview.Unverified);
        var day = seen.Where(t => t.State.IsEnded() && t.UpdatedAt > overview.At.AddHours(-24) && t.UpdatedAt < overview.At.AddHours(1)).ToList();
        for (var hour = 0; hour < 24; hour++)
        {
            var of = day.Where(t => (int)(overview.At - t.UpdatedAt).TotalHours == 23 - hour).ToList();
            Assert.Equal((of.Count(t => t.State is TaskState.Completed), of.Count(t => t.State is TaskState.Failed), of.Count(t => t.State is TaskState.Cancelled)), (overview.Hours[hour].Completed, overview.Hours[hour].Failed, overview.Hours[hour].Cancelled));
        }
        foreach (var load in overview.Loads)
        {
            var own = day.Where(t => t.Group == load.Group && ClassifierName.Of(t.Classifier) == load.Classifier).ToList();
            Assert.Equal(own.Sum(t => t.ClassifierSeconds) / (24 * 3600), load.BusyLastDay, 9);
            Assert.Equal(own.Where(t => t.UpdatedAt > overview.At.AddHours(-1)).Sum(t => t.ClassifierSeconds) / 3600, load.BusyLastHour, 9);
        }
        Assert.Equal(day.Where(t => t.State is TaskState.Failed).GroupBy(t => t.PlainError ?? "").ToDictionary(g => g.Key, g => g.Count()), overview.Failures.ToDictionary(f => f.Cause ?? "", f => f.Tasks));
        Assert.Equal(day.Count(t => t.State is TaskState.Completed), overview.Stages.Tasks);
    }
}
