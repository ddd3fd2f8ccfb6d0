using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Identity;

/// <summary>
/// Writes what callers saw, and which calls were refused, to the audit log: together, once a second, because a page of pictures is many reads. A stop writes the rest; a crash loses the last second's.
/// Actions do not come here: their lines are part of the action's own commit.
/// </summary>
sealed partial class AuditLog(CommitQueue commits, IDbContextFactory<TaskDatabase> databases, TimeProvider time, ILogger<AuditLog> logger) : BackgroundService
{
    /// <summary>Lines that may wait for the database; a caller that reads on meanwhile waits.</summary>
    const int MostWaiting = 10_000;

    /// <summary>Lines of one commit, because webhooks wait for it.</summary>
    const int Batch = 500;

    const int PageSize = 1000;

    static readonly TimeSpan BetweenWrites = TimeSpan.FromSeconds(1);

    readonly Channel<AuditEntry> waiting = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    readonly List<AuditEntry> unwritten = [];

    readonly RefusalCount refusals = new(time);

    /// <summary>Records that a caller saw something. Waits while the database is far behind.</summary>
    public ValueTask ReadAsync(Caller caller, string action, string? subject, CancellationToken cancellationToken) => waiting.Writer.WriteAsync(AuditEntry.Of(time.GetUtcNow(), caller, action, subject), cancellationToken);

    /// <summary>
    /// Records a refused call: the 1st, 2nd, 4th, 8th… of one caller and kind, and a limited number a minute of all, because refused callers must be able neither to fill the disk nor to hold others up.
    /// </summary>
    /// <param name="who">The caller's name; if it is not verified, the one that it gave.</param>
    /// <param name="from">The caller's address.</param>
    /// <param name="action">What it tried.</param>
    /// <param name="why">Why it was refused.</param>
    public void Refuse(string who, string? from, string action, string why)
    {
        if (refusals.Next($"{who}\n{from}\n{action}") is { } count)
            waiting.Writer.TryWrite(new AuditEntry { At = time.GetUtcNow(), Who = who, From = from, Action = action, Outcome = $"refused: {why}{(count.Same > 1 ? $" ({count.Same} times so far)" : "")}{(count.Others > 0 ? $" ({Counted.Text(count.Others, "other refused call")} not listed)" : "")}" });
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenWrites, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await WriteAsync();
        }
        catch (OperationCanceledException)
        {
            // StopAsync writes the rest, once no more requests come.
        }
    }

    /// <summary>Called after the web server has stopped, because hosted services stop in the reverse order of their registration.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync();
    }

    async Task WriteAsync()
    {
        while (true)
        {
            while (unwritten.Count < Batch && waiting.Reader.TryRead(out var line)) unwritten.Add(line);
            if (unwritten.Count == 0) return;
            try
            {
                await commits.CommitAsync(database =>
                {
                    unwritten.ForEach(database.Record);
                    return Task.FromResult(true);
                });
                unwritten.Clear();
            }
            catch (StorageException e)
            {
                LogFailed(logger, Counted.Text(unwritten.Count, "line"), e.Message);
                return; // Tried again in a second.
            }
        }
    }

    /// <summary>The lines in their order.</summary>
    /// <param name="after">Begin after this number.</param>
    public async IAsyncEnumerable<AuditEntry> LinesAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var page = await database.Audit.AsNoTracking().Where(line => line.Number > after).OrderBy(line => line.Number).Take(PageSize).ToListAsync(cancellationToken);
            foreach (var line in page) yield return line;
            if (page.Count < PageSize) yield break;
            after = page[^1].Number;
        }
    }

    [LoggerMessage(320, LogLevel.Error, "{Lines} of the audit log could not be written yet: {Why}")]
    static partial void LogFailed(ILogger logger, string lines, string why);
}
