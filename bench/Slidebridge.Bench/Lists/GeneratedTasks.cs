using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Bench.Lists;

/// <summary>
/// Fills a database with tasks of a year, by one statement. Their values depend on their numbers alone: 40 companies, of which the first has half of the tasks and the last nearly none, 8 models, 9 classifiers, 6 stains,
/// 4 groups, 12 nodes and 2000 workers of a fleet. One of 60 has failed, the newest 300 have not ended.
/// </summary>
static class GeneratedTasks
{
    /// <summary>Tasks that have not ended.</summary>
    public const int Unfinished = 300;

    /// <summary>The first task's number, case and scan.</summary>
    public const long FirstTask = 1_000_001, FirstCase = 5_000_000, FirstScan = 80_000_000;

    /// <summary>A company with 20 tasks, which are all among the oldest.</summary>
    public const string RareCompany = "company-rare";

    public static async Task AddAsync(TaskDatabase database, int count, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isPostgres = database is PostgresTaskDatabase;
        var step = TimeSpan.FromDays(365).Ticks / count;
        var first = now.UtcTicks - step * count;
        var rows = isPostgres ? $"SELECT i::bigint FROM generate_series(0, {count - 1}) AS n(i)" : $"SELECT i FROM (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) SELECT i FROM n)";
        // A hash of the number that both databases compute alike.
        const string hash = "((i * 7919 + i / 13 * 104729) % 1000003)";
        var (no, yes) = isPostgres ? ("false", "true") : ("0", "1");
        var take = $"{TimeSpan.TicksPerSecond} * (20 + h % 600)";
        var lives = $"i >= {count - Unfinished}";
        var text = string.Create(CultureInfo.InvariantCulture, $$"""
            INSERT INTO tasks ("Number", "PlatformId", "CaseNumber", "CompanyId", "Model", "IsWithoutToken", "VerifiedAt", "Objects", "State", "Group", "Classifier", "Turn", "AdmittedAt", "Node", "Run", "Crashes", "LoneCrashes", "CrashWasLone", "IsAlone",
                "AcceptedAt", "UpdatedAt", "Runs", "Posts", "Delays", "LastError", "PlainError", "HasResult", "ReportsFailure", "EndedAt", "PixelsRead", "ClassifierSeconds", "Scans")
            SELECT {{FirstTask}} + i, 'dGFzazo' || ({{FirstTask}} + i), {{FirstCase}} + i / 2,
                CASE WHEN i < 1000 AND i % 50 = 0 THEN '{{RareCompany}}' WHEN h % 2 = 0 THEN 'company-0' ELSE 'company-' || (h / 2 % 39) END, 'model-' || (h % 8), {{no}}, a, '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
                CASE WHEN {{lives}} THEN CASE i % 5 WHEN 0 THEN 'Running' WHEN 1 THEN 'Classified' WHEN 2 THEN 'Held' ELSE 'Accepted' END WHEN h % 60 = 7 THEN 'Failed' WHEN h % 400 = 9 THEN 'Cancelled' ELSE 'Completed' END,
                CASE h % 4 WHEN 0 THEN 'default' ELSE 'group-' || (h % 4) END, 'python:/srv/classifiers/classifier-' || (h % 9) || '.py', a + {{TimeSpan.TicksPerHour}}, NULL,
                CASE WHEN h % 4 = 0 THEN 'node-' || (h % 12) ELSE 'worker-' || (i / 500 % 2000) END, 1, 0, 0, {{no}}, {{no}}, a, a + {{take}}, 1, 1, 0,
                CASE WHEN h % 60 = 7 THEN 'The slide at host ' || h || ' cannot be read.' END, CASE WHEN h % 60 = 7 THEN 'The slide cannot be read (' || (h % 5) || ').' END,
                {{yes}}, {{no}}, CASE WHEN {{lives}} THEN NULL ELSE a + {{take}} END, 1000000 + h * 1000, 5 + h % 400 / 8.0,
                ('[{"ScanId":"' || ({{FirstScan}} + i * 2) || '","StainCode":null,"StainLabel":null,"StainValue":"stain-' || (h % 6) || '","Warnings":[]}' || CASE WHEN h % 3 = 0 THEN ',{"ScanId":"' || ({{FirstScan}} + i * 2 + 1) || '","StainCode":null,"StainLabel":null,"StainValue":"stain-' || (h / 3 % 6) || '","Warnings":[]}' ELSE '' END || ']'){{(isPostgres ? "::jsonb" : "")}}
            FROM (SELECT i, {{first}} + {{step}} * i AS a, {{hash}} AS h FROM ({{rows}}) AS n(i)) AS t
            """);
        if (!isPostgres) text = text.Replace(") AS n(i)) AS t", ")) AS t", StringComparison.Ordinal);
        var recent = string.Create(CultureInfo.InvariantCulture, $"FROM tasks WHERE \"AcceptedAt\" > {now.UtcTicks - TimeSpan.TicksPerDay * 2}");
        database.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        await ExecuteAsync(text);
        foreach (var (state, delay) in ((string, int)[])[("Accepted", 0), ("Running", 5), ("Classified", 15), ("Delivering", 16), ("Completed", 18)])
            await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""INSERT INTO events ("TaskNumber", "At", "State", "What") SELECT "Number", "AcceptedAt" + {delay * TimeSpan.TicksPerSecond}, '{state}', 'a step' {recent}"""));

        // The text has braces, which EF would take for parameters.
        Task<int> ExecuteAsync(string sql) => database.Database.ExecuteSqlRawAsync(sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), cancellationToken);
    }
}
