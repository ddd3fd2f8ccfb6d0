using Slidebridge.Slides;

namespace Slidebridge.Sdk;

/// <summary>One scan of a task. Its slide is opened when first asked for, once, and closed by the bridge.</summary>
public sealed class Scan : IAsyncDisposable
{
    readonly Func<CancellationToken, Task<Slide>> open;
    readonly SemaphoreSlim opening = new(1, 1);
    Slide? slide;

    /// <summary>A scan whose slide <paramref name="open"/> opens.</summary>
    /// <param name="id">The platform's scan id: decimal digits.</param>
    /// <param name="stain">The stain, or null where the request named none.</param>
    /// <param name="open">Opens the slide; called at most once unless it throws.</param>
    public Scan(string id, Stain? stain, Func<CancellationToken, Task<Slide>> open)
    {
        Id = id;
        Stain = stain;
        this.open = open;
    }

    /// <summary>The platform's scan id: decimal digits. It is the <c>scanId</c> of this scan's result.</summary>
    public string Id { get; }

    /// <summary>The stain, or null where the request named none.</summary>
    public Stain? Stain { get; }

    /// <summary>The slide, opened at the first call and shared by all later ones. Do not dispose it.</summary>
    /// <exception cref="SlideFormatException">The bytes are no slide that can be read.</exception>
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

    /// <summary>Closes the slide if it was opened.</summary>
    public async ValueTask DisposeAsync()
    {
        if (slide is not null) await slide.DisposeAsync();
        opening.Dispose();
    }
}
