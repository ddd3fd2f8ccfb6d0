using Slidebridge.Slides.Tissue;

namespace Slidebridge.Slides;

/// <summary>Where a slide has tissue, seen at low magnification.</summary>
public sealed class TissueMask
{
    readonly bool[] mask;
    readonly Lazy<SummedArea> sums;

    internal TissueMask(bool[] mask, int width, int height, double downsampleX, double downsampleY, IReadOnlyList<TissueRegion> regions)
    {
        this.mask = mask;
        Width = width;
        Height = height;
        DownsampleX = downsampleX;
        DownsampleY = downsampleY;
        Regions = regions;
        sums = new(() => new SummedArea(mask, width, height));
        TissueFraction = mask.Count(tissue => tissue) / (double)mask.Length;
    }

    /// <summary>Mask pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows of mask pixels.</summary>
    public int Height { get; }

    /// <summary>Level-0 pixels per mask pixel along a row.</summary>
    public double DownsampleX { get; }

    /// <summary>Level-0 pixels per mask pixel down a column.</summary>
    public double DownsampleY { get; }

    /// <summary>True where the mask pixel is tissue.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the mask.</exception>
    public bool this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(x);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(x, Width);
            ArgumentOutOfRangeException.ThrowIfNegative(y);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
            return mask[y * Width + x];
        }
    }

    /// <summary>The share of a rectangle of level-0 pixels that is tissue, 0 to 1, to the fraction of a mask pixel; what lies outside the slide is not tissue.</summary>
    /// <param name="x">Left edge in level-0 pixels.</param>
    /// <param name="y">Top edge in level-0 pixels.</param>
    /// <param name="width">Level-0 pixels, above 0.</param>
    /// <param name="height">Level-0 pixels, above 0.</param>
    public double FractionOf(double x, double y, double width, double height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var area = sums.Value.Within(x / DownsampleX, y / DownsampleY, (x + width) / DownsampleX, (y + height) / DownsampleY);
        return Math.Clamp(area * DownsampleX * DownsampleY / (width * height), 0, 1);
    }

    /// <summary>True where the slide has no tissue at all.</summary>
    public bool IsEmpty => Regions.Count == 0;

    /// <summary>The share of the slide's area that is tissue, 0 to 1.</summary>
    public double TissueFraction { get; }

    /// <summary>Level-0 square pixels of tissue.</summary>
    public double AreaSquarePixels => TissueFraction * mask.Length * DownsampleX * DownsampleY;

    /// <summary>The connected pieces, largest first.</summary>
    public IReadOnlyList<TissueRegion> Regions { get; }

    /// <summary>Finds the tissue on a slide from a thumbnail of it: what is coloured, as stain is and glass is not.</summary>
    /// <param name="slide">Only its thumbnail is read; it stays open.</param>
    /// <param name="options">How it is found; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between tiles and between the steps.</param>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task<TissueMask> DetectAsync(Slide slide, TissueOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(slide);
        options ??= new TissueOptions();
        options.Validate();
        var thumbnail = await slide.GetThumbnailAsync(options.MaxEdge, options.MaxEdge, cancellationToken);
        return TissueDetection.Run(thumbnail, slide.Width, slide.Height, options, cancellationToken);
    }
}
