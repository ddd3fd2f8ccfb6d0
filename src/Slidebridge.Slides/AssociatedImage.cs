namespace Slidebridge.Slides;

/// <summary>
/// A small picture stored beside the levels: <c>thumbnail</c>, <c>label</c> or <c>macro</c>.
/// A label or macro can show a patient's name: do not log, store or send it without need.
/// </summary>
public sealed class AssociatedImage
{
    readonly Func<CancellationToken, Task<Raster>> read;

    internal AssociatedImage(string name, int width, int height, string compression, Func<CancellationToken, Task<Raster>> read)
    {
        Name = name;
        Width = width;
        Height = height;
        Compression = compression;
        this.read = read;
    }

    /// <summary>OpenSlide's name for it: <c>thumbnail</c>, <c>label</c>, <c>macro</c>.</summary>
    public string Name { get; }

    /// <summary>Pixels.</summary>
    public int Width { get; }

    /// <summary>Pixels.</summary>
    public int Height { get; }

    /// <summary>The codec's name, such as <c>jpeg</c> or <c>lzw</c>.</summary>
    public string Compression { get; }

    /// <summary>Decodes the picture as <see cref="PixelFormat.Rgb24"/>.</summary>
    /// <exception cref="SlideFormatException">The picture is damaged, too large, or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The picture's bytes could not be fetched.</exception>
    /// <exception cref="SlideWithheldException">The picture is withheld (<see cref="SlideOptions.WithholdLabels"/>).</exception>
    /// <exception cref="ObjectDisposedException">The slide was disposed.</exception>
    public Task<Raster> ReadAsync(CancellationToken cancellationToken = default) => read(cancellationToken);
}
