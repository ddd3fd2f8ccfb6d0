using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Lists;

/// <summary>What lists and sums need of a task's row.</summary>
sealed record ListedTask
{
    /// <summary>Rows that are read by one query.</summary>
    const int Batch = 2000;

    public required long Number { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public required TaskState State { get; init; }
    public required string? Company { get; init; }
    public required string? Model { get; init; }
    public required string? Classifier { get; init; }
    public required string Group { get; init; }
    public required string? Node { get; init; }
    public required bool IsVerified { get; init; }
    public required long? Case { get; init; }
    public required List<TaskScan> Scans { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required long Pixels { get; init; }
    public required double Seconds { get; init; }

    public TaskKey Key => new(AcceptedAt.UtcTicks, Number);

    /// <summary>The first end, or what changed since.</summary>
    public DateTimeOffset LastChange => EndedAt > UpdatedAt ? EndedAt.Value : UpdatedAt;

    string? Stains => Scans.Exists(s => s.StainValue is not null) ? string.Join('\n', Scans.Select(s => s.StainValue).OfType<string>().Distinct().Order(StringComparer.Ordinal)) : null;

    /// <summary>The text that a column names.</summary>
    public string? TextOf(TaskColumn column) => column switch
    {
        TaskColumn.Company => Company,
        TaskColumn.Model => Model,
        TaskColumn.Classifier => Classifier,
        TaskColumn.Group => Group,
        TaskColumn.Stains => Stains,
        TaskColumn.Node => Node,
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };

    /// <summary>The number that a column stores, except <see cref="TaskColumn.ScanKeys"/>.</summary>
    public long ValueOf(TaskColumn column, ColumnTexts texts) => column switch
    {
        TaskColumn.Number => Number,
        TaskColumn.Accepted => AcceptedAt.UtcTicks,
        TaskColumn.State => (long)State,
        TaskColumn.Verified => IsVerified ? 1 : 0,
        TaskColumn.Case => Case ?? 0,
        TaskColumn.Scans => Scans.Count,
        TaskColumn.Ended => EndedAt is null ? TaskColumns.NotEnded : (EndedAt.Value - AcceptedAt).Ticks is var ticks && ticks == TaskColumns.NotEnded ? 0 : ticks,
        TaskColumn.Changed => (UpdatedAt - (EndedAt ?? AcceptedAt)).Ticks,
        TaskColumn.Pixels => Pixels,
        TaskColumn.Seconds => BitConverter.DoubleToInt64Bits(Seconds),
        _ => texts.IdOf(column, TextOf(column)),
    };

    /// <summary>The number that stands for a scan's id: its own if it is one, else a hash. Two ids may have the same, so a match is compared with the task's row.</summary>
    public static long KeyOf(string scanId) => long.TryParse(scanId, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(scanId)));

    /// <summary>The rows of tasks, those accepted first in front.</summary>
    public static async Task<List<ListedTask>> ReadAsync(TaskDatabase database, IReadOnlyCollection<long> numbers, CancellationToken cancellationToken)
    {
        var rows = new List<ListedTask>(numbers.Count);
        foreach (var some in numbers.Order().Chunk(Batch))
        {
            rows.AddRange(await database.Tasks.AsNoTracking().Where(t => EF.Parameter(some).Contains(t.Number)).Select(t => new ListedTask
            {
                Number = t.Number,
                AcceptedAt = t.AcceptedAt,
                State = t.State,
                Company = t.CompanyId,
                Model = t.Model,
                Classifier = t.Classifier,
                Group = t.Group,
                Node = t.Node,
                IsVerified = t.VerifiedAt != null,
                Case = t.CaseNumber,
                Scans = t.Scans,
                EndedAt = t.EndedAt,
                UpdatedAt = t.UpdatedAt,
                Pixels = t.PixelsRead,
                Seconds = t.ClassifierSeconds,
            }).ToListAsync(cancellationToken));
        }
        rows.Sort((a, b) => a.Key.CompareTo(b.Key));
        return rows;
    }
}
