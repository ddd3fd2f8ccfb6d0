using Slidebridge.Storage;
using Slidebridge.Techcyte;

namespace Slidebridge.Viewing;

/// <summary>Opens the slide of a viewer's page while the browser still loads the page's scripts: opening takes several round trips to the store.</summary>
sealed class SlideAhead(ViewedSlides slides, TaskStore store)
{
    /// <summary>Begins, and returns at once. Errors are reported when the page requests the slide.</summary>
    /// <param name="id">The task's id, in any of the platform's ways.</param>
    /// <param name="scan">One of its scans, or anything else.</param>
    public void Open(string id, string scan) => _ = OpenAsync(id, scan);

    async Task OpenAsync(string id, string scan)
    {
        if (!PlatformId.TryParse(id, "task", out var number)) return;
        try
        {
            if (await store.FindAsync(number, CancellationToken.None) is not { } task || task.Scans.All(each => each.ScanId != scan)) return;
            await using var lease = await slides.OpenAsync(task, scan, CancellationToken.None);
            await lease.Slide.FetchOverviewAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is SlidebridgeException or ObjectDisposedException or OperationCanceledException or IOException or System.Data.Common.DbException)
        {
            // The page's own request meets the same error, and shows it.
        }
    }
}
