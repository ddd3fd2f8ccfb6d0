using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Usage;

/// <summary>What each company used in each month, by when its tasks ended (UTC).</summary>
sealed class UsageQuery(IDbContextFactory<TaskDatabase> databases)
{
    /// <summary>The months from <paramref name="from"/> to <paramref name="to"/>, inclusive; the oldest first, then by company.</summary>
    public async Task<IReadOnlyList<CompanyUsage>> OfAsync(Month from, Month to, CancellationToken cancellationToken)
    {
        var (first, end) = (from.Start, to.Next.Start);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var sums = new SortedDictionary<(string Month, string Company), CompanyUsage>();
        // One row at a time: a year of tasks need not fit into memory, and the database stores a task's scans as JSON.
        await foreach (var task in database.Tasks.AsNoTracking().Where(t => t.VerifiedAt != null && t.EndedAt >= first && t.EndedAt < end)
            .Select(t => new { t.CompanyId, t.EndedAt, t.State, Scans = t.Scans.Count, t.PixelsRead, t.ClassifierSeconds }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var key = (Month.Of(task.EndedAt!.Value).ToString(), task.CompanyId ?? "");
            var sum = sums.GetValueOrDefault(key) ?? new CompanyUsage { Month = key.Item1, Company = key.Item2 };
            sums[key] = sum with
            {
                Tasks = sum.Tasks + 1,
                Completed = sum.Completed + (task.State is TaskState.Completed ? 1 : 0),
                Failed = sum.Failed + (task.State is TaskState.Failed ? 1 : 0),
                Scans = sum.Scans + task.Scans,
                Megapixels = sum.Megapixels + task.PixelsRead / 1e6,
                ClassifierSeconds = sum.ClassifierSeconds + task.ClassifierSeconds,
            };
        }
        return [.. sums.Values];
    }
}

/// <summary>A company's use in a month.</summary>
sealed record CompanyUsage
{
    /// <summary>As <c>2026-11</c>, in UTC.</summary>
    public required string Month { get; init; }

    /// <summary>The platform's <c>company_id</c>; empty if the task had none.</summary>
    public required string Company { get; init; }

    /// <summary>Tasks that ended in the month, in any state.</summary>
    public int Tasks { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    /// <summary>Scans of these tasks.</summary>
    public int Scans { get; init; }

    /// <summary>Millions of pixels decoded for classifiers.</summary>
    public double Megapixels { get; init; }

    /// <summary>Seconds that classifiers worked.</summary>
    public double ClassifierSeconds { get; init; }

    public const string CsvHeader = "month,company,tasks,completed,failed,scans,megapixels,classifier_seconds";

    /// <summary>One line of CSV (RFC 4180).</summary>
    public string ToCsv() => string.Create(CultureInfo.InvariantCulture, $"{Month},{Quoted(Company)},{Tasks},{Completed},{Failed},{Scans},{Megapixels:0.###},{ClassifierSeconds:0.###}");

    /// <summary>Quoted if necessary; text that a spreadsheet would treat as a formula is marked as text.</summary>
    static string Quoted(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@') text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
