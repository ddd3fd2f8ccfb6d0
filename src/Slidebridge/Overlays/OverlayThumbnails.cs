using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Overlays;

/// <summary>
/// A small picture of every scan, taken while its slide is open (its URL will expire) and kept as a file.
/// What the classifier found is drawn on it when somebody looks: docs/decisions/overlays.md.
/// </summary>
sealed partial class OverlayThumbnails(DataDirectory data, ILogger<OverlayThumbnails> logger) : IDisposable
{
    /// <summary>The longer edge, in pixels.</summary>
    public const int Edge = 1024;

    /// <summary>A slide without a small level would have to be decoded whole, and fetched whole: not for a picture. In stored pixels.</summary>
    const long MostPixels = 32L << 20;

    /// <summary>Pictures taken at a time: enough to hide the way to the slides, few enough that the classifier has the machine.</summary>
    const int AtOnce = 4;

    readonly SemaphoreSlim free = new(AtOnce);

    /// <summary>Saves a picture for each scan. A scan whose picture cannot be had goes without; the task does not fail for it.</summary>
    public Task SaveAsync(long task, IReadOnlyList<Scan> scans, CancellationToken cancellationToken) =>
        Task.WhenAll(scans.Select(scan => Task.Run(() => SaveAsync(task, scan, cancellationToken), CancellationToken.None)));

    /// <summary>The saved picture, or null.</summary>
    public OverlayBase? Find(long task, string scanId)
    {
        var path = PathOf(task, scanId);
        return File.Exists(path) ? OverlayBase.Read(path) : null;
    }

    async Task SaveAsync(long task, Scan scan, CancellationToken cancellationToken)
    {
        try
        {
            var path = PathOf(task, scan.Id);
            if (File.Exists(path)) return;
            await free.WaitAsync(cancellationToken);
            OverlayBase picture;
            try
            {
                picture = await TakeAsync(await scan.OpenSlideAsync(cancellationToken), cancellationToken);
            }
            finally
            {
                free.Release();
            }
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            picture.Write(path);
        }
        // Whatever it is: for a picture, no task fails. A decoder's words are not known; the bridge's own are fit for a log.
        catch (Exception e)
        {
            LogNoPicture(logger, task, scan.Id, e is SlideFormatException or SlideSourceException ? e.Message : e.GetType().Name);
        }
    }

    /// <summary>A slide's picture to draw on; blank where the slide has no small level.</summary>
    public static async Task<OverlayBase> TakeAsync(Slide slide, CancellationToken cancellationToken) => new(
        slide.Width, slide.Height,
        slide.ThumbnailPixels(Edge, Edge) <= MostPixels ? await slide.GetThumbnailJpegAsync(Edge, Edge, ct: cancellationToken) : null);

    public void Dispose() => free.Dispose();

    string PathOf(long task, string scanId) => data.File("thumbnails", $"{task}-{scanId}.thumbnail");

    [LoggerMessage(300, LogLevel.Warning, "Task {Task}: scan {Scan} goes without a picture: {Why}")]
    static partial void LogNoPicture(ILogger logger, long task, string scan, string why);
}
