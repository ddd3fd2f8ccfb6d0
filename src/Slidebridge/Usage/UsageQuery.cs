using Slidebridge.Lists;
using Slidebridge.Tasks;

namespace Slidebridge.Usage;

/// <summary>What was used, by when tasks ended (UTC).</summary>
sealed class UsageQuery(TaskLists lists, TimeProvider time)
{
    static readonly TaskColumn[] Columns = [TaskColumn.State, TaskColumn.Verified, TaskColumn.Accepted, TaskColumn.Ended, TaskColumn.Changed, TaskColumn.Scans, TaskColumn.Pixels, TaskColumn.Seconds];

    /// <summary>The clocks of nodes differ by less: a task that one node has ended before another accepted it is found.</summary>
    static readonly TimeSpan ClocksDiffer = TimeSpan.FromDays(1);

    /// <summary>One sum for each combination of the keys' values that occurs, sorted by the keys in their order.</summary>
    /// <param name="range">By the time at which tasks ended.</param>
    /// <param name="keys">By what to sum up.</param>
    /// <param name="companies">The companies that the caller may see; empty: all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<IReadOnlyList<UsageSum>> OfAsync(UsageRange range, IReadOnlyList<UsageKey> keys, IReadOnlyList<string> companies, CancellationToken cancellationToken)
    {
        await using var snapshot = await lists.OpenAsync(cancellationToken);
        var start = range.First.Start;
        var match = new TaskMatch(new TaskFilter { Companies = companies }, snapshot.Texts);
        var periods = new UsagePeriods(range, keys);
        var named = UsageNames.Of(keys, snapshot.Texts);
        var groups = new UsageGroups();
        // A task ends after it was accepted.
        var latest = range.Last.End < DateTimeOffset.MaxValue - ClocksDiffer ? range.Last.End + ClocksDiffer : DateTimeOffset.MaxValue;
        await foreach (var (rows, matching) in TaskLists.MatchingAsync(snapshot, match, [.. Columns, .. named.Columns], withStates: false, cancellationToken,
            block => block.LastChange >= start && block.First.Accepted < latest.UtcTicks))
            Add(rows, matching);

        IReadOnlyList<UsageSum> all = [.. groups.All().Select(each => Sum(each.Totals, each.Seconds, periods[each.Key.Period], named, each.Key))];
        // What is paid for a group's workers belongs to no company, model or classifier.
        if (keys.Contains(UsageKey.Group) && !keys.Any(key => key is UsageKey.Company or UsageKey.Model or UsageKey.Classifier) && companies.Count == 0)
            all = await PaidWorkers.AddAsync(snapshot.Database, range, keys, all, time.GetUtcNow(), cancellationToken);
        return UsageOrder.Sort(all, keys);

        void Add(TaskRows rows, bool[] matching)
        {
            var states = rows[TaskColumn.State];
            var verified = rows[TaskColumn.Verified];
            var accepted = rows[TaskColumn.Accepted];
            var ended = rows[TaskColumn.Ended];
            var changed = rows[TaskColumn.Changed];
            var scans = rows[TaskColumn.Scans];
            var pixels = rows[TaskColumn.Pixels];
            var seconds = rows[TaskColumn.Seconds];
            var ids = named.Ids(rows);
            for (var row = 0; row < matching.Length; row++)
            {
                if (!matching[row] || verified[row] == 0 || ended[row] == TaskColumns.NotEnded || periods.Of(accepted[row] + ended[row]) is not (>= 0 and var period)) continue;
                ref var group = ref groups.Of(ids.At(row, period), out var number);
                var (isCompleted, count) = (states[row] == (long)TaskState.Completed, (int)scans[row]);
                // Ended is the first end; an operator may have restarted the task days later.
                if (isCompleted && changed[row] == 0) groups.AddSeconds(number, (float)TimeSpan.FromTicks(ended[row]).TotalSeconds);
                group.Tasks++;
                if (isCompleted) group.Completed++;
                if (states[row] == (long)TaskState.Failed) group.Failed++;
                group.Scans += count;
                if (isCompleted) group.CompletedScans += count;
                group.Pixels += pixels[row];
                group.ClassifierSeconds += BitConverter.Int64BitsToDouble(seconds[row]);
            }
        }
    }

    static UsageSum Sum(UsageGroups.Totals totals, Span<float> seconds, (string? Month, string? Day) period, UsageNames named, (int Period, int Company, int Model, int Classifier, int Group) key)
    {
        var (median, p95) = Percentiles.MedianAndP95(seconds);
        return new UsageSum
        {
            Month = period.Month,
            Day = period.Day,
            Company = named.Company(key.Company),
            Model = named.Model(key.Model),
            Classifier = named.Classifier(key.Classifier),
            Group = named.Group(key.Group),
            Tasks = totals.Tasks,
            Completed = totals.Completed,
            Failed = totals.Failed,
            Scans = totals.Scans,
            CompletedScans = totals.CompletedScans,
            Megapixels = totals.Pixels / 1e6,
            ClassifierSeconds = totals.ClassifierSeconds,
            MedianSeconds = median,
            P95Seconds = p95,
        };
    }
}
