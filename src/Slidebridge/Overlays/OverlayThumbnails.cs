using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Overlays;

/// <summary>
/// Makes a small picture of every scan while its slide is open (its URL will expire), and stores it with the task.
/// The classifier's result is drawn on the picture when somebody asks for it: docs/decisions/overlays.md.
/// </summary>
sealed partial class OverlayThumbnails(ITaskStore store, TimeProvider time, ILogger<OverlayThumbnails> logger) : IDisposable
{
    /// <summary>The longer edge, in pixels.</summary>
    public const int Edge = 1024;

    /// <summary>Maximum size of a level that is decoded for a picture, in stored pixels. A slide without a small level would have to be downloaded and decoded completely.</summary>
    const long MostPixels = 32L << 20;

    /// <summary>A level whose longer side is at least this part of <see cref="Edge"/> is used as it is stored.</summary>
    const double NearEnough = 0.7;

    /// <summary>Maximum pictures at the same time: enough to hide the network latency, few enough that the classifier gets the machine's time.</summary>
    const int AtOnce = 4;

    /// <summary>If a picture takes longer than this, the next one starts: slow slides must not delay others' pictures.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    readonly SemaphoreSlim free = new(AtOnce);

    /// <summary>Saves a picture for each scan. If a picture cannot be made, the scan has none; the task does not fail because of that.</summary>
    public Task SaveAsync(TaskLease lease, IReadOnlyList<Scan> scans, CancellationToken cancellationToken) =>
        Task.WhenAll(scans.Select(scan => Task.Run(() => SaveAsync(lease, scan, cancellationToken), CancellationToken.None)));

    async Task SaveAsync(TaskLease lease, Scan scan, CancellationToken cancellationToken)
    {
        try
        {
            if (await store.HasPictureAsync(lease.Number, scan.Id, cancellationToken)) return;
            await free.WaitAsync(cancellationToken);
            OverlayBase picture;
            var isHeld = 1;
            void Free()
            {
                if (Interlocked.Exchange(ref isHeld, 0) != 0) free.Release();
            }
            await using var slow = time.CreateTimer(_ => Free(), null, Patience, Timeout.InfiniteTimeSpan);
            try
            {
                picture = await TakeAsync(await scan.OpenSlideAsync(cancellationToken), cancellationToken, isKept: true);
            }
            finally
            {
                Free();
            }
            await store.KeepPictureAsync(lease, new ScanPicture { TaskNumber = lease.Number, ScanId = scan.Id, SlideWidth = picture.SlideWidth, SlideHeight = picture.SlideHeight, Jpeg = picture.Jpeg });
        }
        // No exception of a picture makes a task fail. A decoder's message may contain anything, so it is not logged; the bridge's own messages are.
        catch (Exception e)
        {
            LogNoPicture(logger, lease.Number, scan.Id, e is SlideFormatException or SlideSourceException ? e.Message : e.GetType().Name);
        }
    }

    /// <summary>A slide's picture to draw on; blank if the slide has no small level.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <param name="isKept">
    /// The picture is kept, and perhaps never shown: a thumbnail that the slide stores as JPEG is taken undecoded, which saves a third of a small task's processor time. If its data is damaged,
    /// <see cref="OverlayPainter"/> finds out.
    /// </param>
    public static async Task<OverlayBase> TakeAsync(Slide slide, CancellationToken cancellationToken, bool isKept = false)
    {
        // A level that is nearly large enough is used: the next larger one has four times the bytes.
        var edge = slide.Levels.Select(level => Math.Max(level.Width, level.Height)).Where(size => size is <= Edge and >= (int)(Edge * NearEnough)).DefaultIfEmpty(Edge).Max();
        if (slide.ThumbnailPixels(edge, edge) > MostPixels) return new OverlayBase(slide.Width, slide.Height, null);
        var stored = isKept ? await slide.GetStoredThumbnailJpegAsync(edge, edge, cancellationToken) : null;
        return new OverlayBase(slide.Width, slide.Height, stored ?? await slide.GetThumbnailJpegAsync(edge, edge, cancellationToken: cancellationToken));
    }

    public void Dispose() => free.Dispose();

    [LoggerMessage(300, LogLevel.Warning, "Task {Task}: scan {Scan} has no picture: {Why}")]
    static partial void LogNoPicture(ILogger logger, long task, string scan, string why);
}
