using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Security;
using Slidebridge.Storage;

namespace Slidebridge.Workers;

/// <summary>Which token's owner works under which name: nobody may take steps in another worker's leases.</summary>
sealed class WorkerNames(IDbContextFactory<TaskDatabase> databases, TimeProvider time)
{
    /// <summary>The header that names the worker in calls about a lease.</summary>
    public const string Header = "X-Worker";

    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<string, (string Token, long At)> known = [];

    /// <summary>Whether a worker of this name showed the caller's token when it asked for tasks.</summary>
    public async ValueTask<bool> MayUseAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(name, out var seen) && seen.Token == caller.Name && time.GetElapsedTime(seen.At) < Fresh) return true;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Workers.Where(w => w.Name == name).Select(w => w.Token).FirstOrDefaultAsync(cancellationToken) is not { } token) return false;
        known[name] = (token, time.GetTimestamp());
        return token == caller.Name;
    }
}
