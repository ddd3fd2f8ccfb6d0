using System.Globalization;
using System.Text.Json.Serialization;

namespace Slidebridge.Usage;

/// <summary>What the tasks with the same keys used, by when they ended (UTC). A key that was not asked for is null.</summary>
sealed record UsageSum
{
    /// <summary>As <c>2026-11</c>.</summary>
    public string? Month { get; init; }

    /// <summary>As <c>2026-11-28</c>.</summary>
    public string? Day { get; init; }

    /// <summary>The platform's <c>company_id</c>; empty if the tasks had none.</summary>
    public string? Company { get; init; }

    /// <summary>The platform's model; empty if the tasks had none.</summary>
    public string? Model { get; init; }

    /// <summary>The classifier that the routes chose, by its short name; empty if they chose none.</summary>
    public string? Classifier { get; init; }

    /// <summary>The execution group.</summary>
    public string? Group { get; init; }

    /// <summary>Tasks that ended in the period, in any state.</summary>
    public int Tasks { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    /// <summary>Scans of these tasks.</summary>
    public int Scans { get; init; }

    /// <summary>Scans of the completed ones.</summary>
    [JsonIgnore]
    public int CompletedScans { get; init; }

    /// <summary>Millions of pixels decoded for classifiers.</summary>
    public double Megapixels { get; init; }

    /// <summary>Seconds that classifiers worked.</summary>
    public double ClassifierSeconds { get; init; }

    /// <summary>
    /// Seconds from the first webhook to the result on the platform: half of the completed tasks took no longer. Tasks that were restarted after they had ended do not count. Null if no task counts.
    /// </summary>
    public double? MedianSeconds { get; init; }

    /// <summary>95 of 100 completed tasks took no longer.</summary>
    public double? P95Seconds { get; init; }

    /// <summary>Seconds for which the fleet's workers of the group were paid in the period, whether they worked or not. Null if the sum is not by group and time alone, or there were none.</summary>
    public double? PaidSeconds { get; init; }

    /// <summary>What they cost, by the fleet's <c>price</c>; null without one.</summary>
    public double? Cost { get; init; }

    /// <summary>The same for each scan that was completed.</summary>
    public double? CostPerScan { get; init; }

    /// <summary>The value of a key; null if the sum was not made by it.</summary>
    public string? Of(UsageKey key) => key switch
    {
        UsageKey.Month => Month,
        UsageKey.Day => Day,
        UsageKey.Company => Company,
        UsageKey.Model => Model,
        UsageKey.Group => Group,
        _ => Classifier,
    };

    public static string CsvHeader(IEnumerable<UsageKey> keys) => string.Join(',', [.. keys.Select(k => k.Name()), "tasks,completed,failed,scans,megapixels,classifier_seconds,median_seconds,p95_seconds", .. keys.Contains(UsageKey.Group) ? ["paid_seconds,cost,cost_per_scan"] : Array.Empty<string>()]);

    /// <summary>One line of CSV (RFC 4180).</summary>
    public string ToCsv(IEnumerable<UsageKey> keys) => string.Join(',', [.. keys.Select(key => Quoted(Of(key) ?? "")),
        string.Create(CultureInfo.InvariantCulture, $"{Tasks},{Completed},{Failed},{Scans},{Megapixels:0.###},{ClassifierSeconds:0.###},{MedianSeconds:0.###},{P95Seconds:0.###}"),
        .. keys.Contains(UsageKey.Group) ? [string.Create(CultureInfo.InvariantCulture, $"{PaidSeconds:0.###},{Cost:0.####},{CostPerScan:0.####}")] : Array.Empty<string>()]);

    /// <summary>Quoted if necessary; text that a spreadsheet would treat as a formula is marked as text.</summary>
    static string Quoted(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
