using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Verification;

/// <summary>Whether the limit of waiting verified tasks is reached. Asks the database at most once every few seconds.</summary>
sealed class WaitingTasks(IDbContextFactory<TaskDatabase> databases, WebhookLimitOptions options, TimeProvider time) : IDisposable
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    readonly SemaphoreSlim looking = new(1);
    long? looked;
    volatile bool isFull;

    public async ValueTask<bool> IsFullAsync(CancellationToken cancellationToken)
    {
        if (options.MostWaiting == 0 || IsFresh || !await looking.WaitAsync(0, cancellationToken)) return isFull;
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            isFull = await database.Tasks.Where(t => t.State == TaskState.Accepted && t.VerifiedAt != null).Take(options.MostWaiting).CountAsync(cancellationToken) >= options.MostWaiting;
            looked = time.GetTimestamp();
            return isFull;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return isFull; // The database is down: storing the webhook reports that.
        }
        finally
        {
            looking.Release();
        }
    }

    bool IsFresh => looked is { } last && time.GetElapsedTime(last) < Fresh;

    public void Dispose() => looking.Dispose();
}
