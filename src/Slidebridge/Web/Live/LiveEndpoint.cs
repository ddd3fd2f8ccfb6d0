using Slidebridge.Api;
using Slidebridge.Execution;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Web.Live;

/// <summary>
/// <c>/live</c> and <c>/live/tasks/{id}</c>: server-sent events that say that something has changed, without saying what; the page then asks for itself again, with its own permissions.
/// A stream ends after some minutes and the page opens it again, so that a session that has ended ends it too.
/// </summary>
static class LiveEndpoint
{
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(5), BetweenSigns = TimeSpan.FromSeconds(15);

    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/live", (HttpContext context, ChangeWatch changes, IHostApplicationLifetime lifetime, TimeProvider time) => StreamAsync(context, changes, lifetime, time, change => true, () => ValueTask.FromResult(0.0))).For(Role.Viewer).ExcludeFromDescription();
        routes.MapGet("/live/tasks/{id}", FollowTaskAsync).For(Role.Viewer).OfOwnCompanies().ExcludeFromDescription();
    }

    static async Task<IResult> FollowTaskAsync(string id, HttpContext context, ChangeWatch changes, TaskProgress progress, TaskStore store, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        if (!PlatformId.TryParse(id, "task", out var number) || await store.FindAsync(number, context.RequestAborted) is not { } task) return TaskEndpoints.NoSuchTask(id);
        var scans = task.Scans.Select(scan => scan.ScanId).ToList();
        var asked = time.GetTimestamp();
        return await StreamAsync(context, changes, lifetime, time, change => change.Tasks?.Contains(number) != false, async () =>
        {
            if (!progress.IsHere(number) && time.GetElapsedTime(asked) >= ProgressSharing.Between)
            {
                asked = time.GetTimestamp();
                if (await store.FindProgressAsync(number, context.RequestAborted) is { } elsewhere) progress.Keep(number, elsewhere);
            }
            return progress.SumOf(number, scans);
        });
    }

    static Task<IResult> StreamAsync(HttpContext context, ChangeWatch changes, IHostApplicationLifetime lifetime, TimeProvider time, Func<ChangeWatch.Changes, bool> isWanted, Func<ValueTask<double>> measureAsync) =>
        EventStream.RunAsync(context, async (sendAsync, stop) =>
        {
            var (began, said, measured) = (time.GetTimestamp(), time.GetTimestamp(), await measureAsync());
            // Before the page knows that the stream is open, and asks for itself once more: no change falls between the two.
            var seen = (await changes.NowAsync(0, stop)).Number;
            await sendAsync(": open");
            while (time.GetElapsedTime(began) < Longest)
            {
                var change = await changes.NextAsync(seen, stop);
                var measure = await measureAsync();
                var isNew = (change.Number != seen && isWanted(change)) || measure != measured;
                (seen, measured) = (change.Number, measure);
                if (!isNew && time.GetElapsedTime(said) < BetweenSigns) continue;
                said = time.GetTimestamp();
                await sendAsync(isNew ? "event: changed\ndata:" : ": still open");
            }
        }, lifetime.ApplicationStopping);
}
