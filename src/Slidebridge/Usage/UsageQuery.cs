using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Usage;

/// <summary>What was used, by when tasks ended (UTC).</summary>
sealed class UsageQuery(IDbContextFactory<TaskDatabase> databases, TimeProvider time)
{
    /// <summary>One sum for each combination of the keys' values that occurs, sorted by the keys in their order.</summary>
    /// <param name="range">By the time at which tasks ended.</param>
    /// <param name="keys">By what to sum up.</param>
    /// <param name="companies">The companies that the caller may see; empty: all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<IReadOnlyList<UsageSum>> OfAsync(UsageRange range, IReadOnlyList<UsageKey> keys, IReadOnlyList<string> companies, CancellationToken cancellationToken)
    {
        var (start, end) = (range.First.Start, range.Last.End);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var sums = new Dictionary<UsageSum, (UsageSum Sum, List<float> Seconds)>();
        // One row at a time: a year of tasks need not fit into memory, and the database stores a task's scans as JSON.
        await foreach (var task in new TaskFilter { Companies = companies }.Of(database.Tasks.AsNoTracking()).Where(t => t.VerifiedAt != null && t.EndedAt >= start && t.EndedAt < end)
            .Select(t => new { t.CompanyId, t.Model, t.Classifier, t.AcceptedAt, t.EndedAt, t.UpdatedAt, t.State, t.Group, Scans = t.Scans.Count, t.PixelsRead, t.ClassifierSeconds })
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var ended = task.EndedAt!.Value;
            var group = new UsageSum
            {
                Month = keys.Contains(UsageKey.Month) ? UsagePeriod.MonthName(ended) : null,
                Day = keys.Contains(UsageKey.Day) ? UsagePeriod.DayName(ended) : null,
                Company = keys.Contains(UsageKey.Company) ? task.CompanyId ?? "" : null,
                Model = keys.Contains(UsageKey.Model) ? task.Model ?? "" : null,
                Classifier = keys.Contains(UsageKey.Classifier) ? ShortName(task.Classifier) ?? "" : null,
                Group = keys.Contains(UsageKey.Group) ? task.Group : null,
            };
            var (sum, seconds) = sums.TryGetValue(group, out var known) ? known : (group, []);
            // EndedAt is the first end; an operator may have restarted the task days later.
            if (task.State is TaskState.Completed && task.UpdatedAt == ended) seconds.Add((float)(ended - task.AcceptedAt).TotalSeconds);
            sums[group] = (sum with
            {
                Tasks = sum.Tasks + 1,
                Completed = sum.Completed + (task.State is TaskState.Completed ? 1 : 0),
                Failed = sum.Failed + (task.State is TaskState.Failed ? 1 : 0),
                Scans = sum.Scans + task.Scans,
                CompletedScans = sum.CompletedScans + (task.State is TaskState.Completed ? task.Scans : 0),
                Megapixels = sum.Megapixels + task.PixelsRead / 1e6,
                ClassifierSeconds = sum.ClassifierSeconds + task.ClassifierSeconds,
            }, seconds);
        }
        IReadOnlyList<UsageSum> all = [.. sums.Values.Select(each => each.Sum with { MedianSeconds = Percentile(each.Seconds, 50), P95Seconds = Percentile(each.Seconds, 95) })];
        // What is paid for a group's workers belongs to no company, model or classifier.
        if (keys.Contains(UsageKey.Group) && !keys.Any(key => key is UsageKey.Company or UsageKey.Model or UsageKey.Classifier) && companies.Count == 0)
            all = await PaidWorkers.AddAsync(database, range, keys, all, time.GetUtcNow(), cancellationToken);
        return [.. all.Order(Comparer<UsageSum>.Create((a, b) => keys.Select(key => string.CompareOrdinal(a.Of(key), b.Of(key))).FirstOrDefault(order => order != 0)))];
    }

    /// <summary>Without the arguments of a command, which may contain a secret.</summary>
    static string? ShortName(string? classifier) => classifier is not null && ClassifierKind.Of(classifier, out var argument) is { } kind ? kind.ShortNameOf(argument) : classifier;

    /// <summary>The smallest value that is not exceeded by this many of 100 values (nearest rank); null if there is none. Sorts the list.</summary>
    static double? Percentile(List<float> values, int percent)
    {
        values.Sort();
        return values.Count == 0 ? null : Math.Round(values[(values.Count * percent + 99) / 100 - 1], 3);
    }
}
