using System.Security.Cryptography;
using System.Text;
using Slidebridge.Execution;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Viewing;

/// <summary>The slides of tasks that people look at on this node, opened by range requests like a classifier's.</summary>
sealed class ViewedSlides(ScanOpener opener, TaskVault vault, OpeningOptions opening, OpenSlides open)
{
    /// <summary>Which objects a scan of a task is read from, in a few letters.</summary>
    public static string KeyOf(BridgeTask task, string scanId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{task.Number}\n{scanId}\n{task.Objects}")))[..16];

    /// <summary>The open slide of a task's scan, until the lease is disposed.</summary>
    /// <param name="task">The task's row, not tracked.</param>
    /// <param name="scanId">One of its scans.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="SlidebridgeException">The slide cannot be opened, and why.</exception>
    public Task<OpenSlides.Lease> OpenAsync(BridgeTask task, string scanId, CancellationToken cancellationToken)
    {
        var key = KeyOf(task, scanId);
        return open.OpenAsync(key, PlaceOf(task.Number, scanId), stop => OpenOnceAsync(task, scanId, key, stop), cancellationToken);
    }

    /// <summary>The slide with this key, if it is open and that of this task and scan.</summary>
    public OpenSlides.Lease? Find(string key, long task, string scanId) => open.Find(key, PlaceOf(task, scanId));

    static string PlaceOf(long task, string scanId) => $"{task}\n{scanId}";

    /// <summary>Closes a slide, because its objects cannot be read any more: the next request opens it again, perhaps with fresh URLs.</summary>
    public Task CloseAsync(string key) => open.CloseAsync(key);

    async Task<ViewedSlide> OpenOnceAsync(BridgeTask task, string scanId, string key, CancellationToken cancellationToken)
    {
        if (task.VerifiedAt is null) throw new SlideNotShownException("The platform has not confirmed this task, so its slides are not opened.");
        if (task.Secrets is null) throw new SlideNotShownException("The URLs of the slide were deleted, because they had expired or the task's results are not kept any longer.");
        if (vault.TryUnlock(task).Locked is { } locked) throw locked;
        task.Scans = [.. task.Scans.Where(scan => scan.ScanId == scanId)];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(opening.Timeout);
        try
        {
            var opened = await opener.OpenAsync(task, settings: null, copied: null, limit.Token);
            return new ViewedSlide(await opened.Task.Scans[0].OpenSlideAsync(limit.Token), key, opened.Ways.IsStaged(scanId), opened);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SlideNotShownException($"The slide did not open within {opening.Timeout.TotalSeconds:0.#} s (--open-timeout).");
        }
    }
}
