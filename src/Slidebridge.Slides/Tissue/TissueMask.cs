using Slidebridge.Slides.Tissue;

namespace Slidebridge.Slides;

/// <summary>The tissue of a slide, found at low magnification.</summary>
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

    /// <summary>True if the mask pixel is tissue.</summary>
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

    /// <summary>The share of a rectangle of level-0 pixels that is tissue, 0 to 1, exact to a fraction of a mask pixel; the part outside the slide is not tissue.</summary>
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

    /// <summary>True if the slide has no tissue.</summary>
    public bool IsEmpty => Regions.Count == 0;

    /// <summary>The share of the slide's area that is tissue, 0 to 1.</summary>
    public double TissueFraction { get; }

    /// <summary>Level-0 square pixels of tissue.</summary>
    public double AreaSquarePixels => TissueFraction * mask.Length * DownsampleX * DownsampleY;

    /// <summary>The connected pieces, largest first.</summary>
    public IReadOnlyList<TissueRegion> Regions { get; }

    /// <summary>Finds the tissue of a slide in its thumbnail: coloured pixels, because stain is coloured and glass is not. Keep the result where it is needed again.</summary>
    /// <param name="slide">The slide. Only its thumbnail is read; the slide stays open.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between tiles and between the steps.</param>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task<TissueMask> DetectAsync(Slide slide, TissueOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(slide);
        if (options is null && slide.TakeTissue() is { } ahead) return ahead;
        options ??= new TissueOptions();
        options.Validate();
        var thumbnail = await slide.GetThumbnailAsync(options.MaxEdge, options.MaxEdge, cancellationToken);
        return TissueDetection.Run(thumbnail, slide.Width, slide.Height, options, cancellationToken);
    }
}
