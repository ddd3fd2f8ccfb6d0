using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Overlays;

/// <summary>
/// A small picture of every scan, taken while its slide is open (its URL will expire) and kept beside the task.
/// What the classifier found is drawn on it when somebody looks: docs/decisions/overlays.md.
/// </summary>
sealed partial class OverlayThumbnails(ITaskStore store, TimeProvider time, ILogger<OverlayThumbnails> logger) : IDisposable
{
    /// <summary>The longer edge, in pixels.</summary>
    public const int Edge = 1024;

    /// <summary>A slide without a small level would have to be decoded whole, and fetched whole: not for a picture. In stored pixels.</summary>
    const long MostPixels = 32L << 20;

    /// <summary>The part of <see cref="Edge"/> that a level's longer side has at least to serve as it is stored.</summary>
    const double NearEnough = 0.7;

    /// <summary>Pictures taken at a time: enough to hide the way to the slides, few enough that the classifier has the machine.</summary>
    const int AtOnce = 4;

    /// <summary>A picture whose slide is slow lets the next one begin after this: slides that do not come must not keep others' pictures waiting.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    readonly SemaphoreSlim free = new(AtOnce);

    /// <summary>Saves a picture for each scan. A scan whose picture cannot be had goes without; the task does not fail for it.</summary>
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
                picture = await TakeAsync(await scan.OpenSlideAsync(cancellationToken), cancellationToken);
            }
            finally
            {
                Free();
            }
            await store.KeepPictureAsync(lease, new ScanPicture { TaskNumber = lease.Number, ScanId = scan.Id, SlideWidth = picture.SlideWidth, SlideHeight = picture.SlideHeight, Jpeg = picture.Jpeg });
        }
        // Whatever it is: for a picture, no task fails. A decoder's words are not known; the bridge's own are fit for a log.
        catch (Exception e)
        {
            LogNoPicture(logger, lease.Number, scan.Id, e is SlideFormatException or SlideSourceException ? e.Message : e.GetType().Name);
        }
    }

    /// <summary>A slide's picture to draw on; blank where the slide has no small level.</summary>
    public static async Task<OverlayBase> TakeAsync(Slide slide, CancellationToken cancellationToken)
    {
        // A level that is nearly as large serves as it is: the next larger one is four times the bytes.
        var edge = slide.Levels.Select(level => Math.Max(level.Width, level.Height)).Where(size => size is <= Edge and >= (int)(Edge * NearEnough)).DefaultIfEmpty(Edge).Max();
        return new OverlayBase(slide.Width, slide.Height, slide.ThumbnailPixels(edge, edge) <= MostPixels ? await slide.GetThumbnailJpegAsync(edge, edge, cancellationToken: cancellationToken) : null);
    }

    public void Dispose() => free.Dispose();

    [LoggerMessage(300, LogLevel.Warning, "Task {Task}: scan {Scan} goes without a picture: {Why}")]
    static partial void LogNoPicture(ILogger logger, long task, string scan, string why);
}
