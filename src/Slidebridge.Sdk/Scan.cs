using Slidebridge.Slides;

namespace Slidebridge.Sdk;

/// <summary>One scan of a task. Its slide is opened once, at the first use; the bridge closes it.</summary>
public sealed class Scan : IAsyncDisposable
{
    readonly Func<CancellationToken, Task<Slide>> open;
    readonly Func<CancellationToken, Task<string>>? copy;
    readonly SemaphoreSlim opening = new(1, 1);
    Slide? slide;
    string? path;

    /// <summary>A scan whose slide <paramref name="open"/> opens.</summary>
    /// <param name="id">The platform's scan id: decimal digits.</param>
    /// <param name="stain">The stain, or null if the request contains none.</param>
    /// <param name="open">Opens the slide; called at most once unless it throws.</param>
    /// <param name="copy">Returns a local path of the whole slide; called at most once unless it throws. Null if there is no local path.</param>
    public Scan(string id, Stain? stain, Func<CancellationToken, Task<Slide>> open, Func<CancellationToken, Task<string>>? copy = null)
    {
        Id = id;
        Stain = stain;
        this.open = open;
        this.copy = copy;
    }

    /// <summary>The platform's scan id: decimal digits. It is the <c>scanId</c> of this scan's result.</summary>
    public string Id { get; }

    /// <summary>The stain, or null if the request contains none.</summary>
    public Stain? Stain { get; }

    /// <summary>The slide, opened at the first call and shared by all later ones. Do not dispose it.</summary>
    /// <exception cref="SlideFormatException">The bytes are not a readable slide.</exception>
    /// <exception cref="SlideSourceException">The bytes cannot be reached.</exception>
    public async Task<Slide> OpenSlideAsync(CancellationToken cancellationToken = default)
    {
        await opening.WaitAsync(cancellationToken);
        try
        {
            return slide ??= await open(cancellationToken);
        }
        finally
        {
            opening.Release();
        }
    }

    /// <summary>
    /// The whole slide on this machine's disk, for code that opens slides itself: a file, or a folder of files for a DICOM series.
    /// A remote slide is copied first, at the first call. The copy exists until the task ends; do not write to it.
    /// Reading through <see cref="OpenSlideAsync"/> is faster: it fetches only the parts that are read.
    /// </summary>
    /// <exception cref="SlideSourceException">The bytes cannot be reached, or the disk has not enough free space for them.</exception>
    /// <exception cref="NotSupportedException">This scan has no files, for example in a test.</exception>
    public async Task<string> GetLocalPathAsync(CancellationToken cancellationToken = default)
    {
        if (copy is null) throw new NotSupportedException("This scan has no local path.");
        await opening.WaitAsync(cancellationToken);
        try
        {
            return path ??= await copy(cancellationToken);
        }
        finally
        {
            opening.Release();
        }
    }

    /// <summary>Closes the slide if it was opened.</summary>
    public async ValueTask DisposeAsync()
    {
        if (slide is not null) await slide.DisposeAsync();
        opening.Dispose();
    }
}
