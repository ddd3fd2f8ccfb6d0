namespace Slidebridge.Slides;

/// <summary>Which tiles <see cref="Slide.ReadTilesAsync(TileGrid, CancellationToken)"/> cuts a slide into, and how they come.</summary>
/// <remarks>At most one of <see cref="Mpp"/>, <see cref="Downsample"/> and <see cref="Level"/> is given; none is level 0.</remarks>
public sealed record TileGrid
{
    /// <summary>A tile's width in its own pixels.</summary>
    public int Width { get; init; } = 256;

    /// <summary>A tile's height in its own pixels.</summary>
    public int Height { get; init; } = 256;

    /// <summary>Pixels that a tile shares with the next one, to the right and below; less than its width and height.</summary>
    public int Overlap { get; init; }

    /// <summary>The wanted resolution in micrometres per pixel. The slide must say its own.</summary>
    public double? Mpp { get; init; }

    /// <summary>The wanted resolution in level-0 pixels per tile pixel; below 1 enlarges, which is a warning, and below 0.5 refused unless <see cref="AllowUpsampling"/>.</summary>
    public double? Downsample { get; init; }

    /// <summary>
    /// More than twice the detail that the slide has may be asked for: then most of what a tile shows was never scanned.
    /// False: such a grid is refused, for what a model finds on blown-up pixels looks like any other finding.
    /// </summary>
    public bool AllowUpsampling { get; init; }

    /// <summary>A level, read as it is stored.</summary>
    public int? Level { get; init; }

    /// <summary>Where a level is this near to the wanted resolution it is read as it is stored, unscaled: 0.02 is two per cent. The layout says what came of it.</summary>
    public double Tolerance { get; init; } = 0.02;

    /// <summary>The rectangle of level-0 pixels that is cut up, from its top left corner; null for the whole slide.</summary>
    public SlideBounds? Within { get; init; }

    /// <summary>What becomes of tiles that reach over the right or lower edge.</summary>
    public TileEdges Edges { get; init; } = TileEdges.Pad;

    /// <summary>Only tiles with tissue are read; null for all.</summary>
    public TissueMask? Mask { get; init; }

    /// <summary>The share of a tile that must be tissue, above 0 to 1; with <see cref="Mask"/> only.</summary>
    public double MinTissue { get; init; } = 0.05;

    /// <summary>The order of the channels.</summary>
    public PixelFormat Format { get; init; } = PixelFormat.Rgb24;

    /// <summary>True: row by row from the top left. False: as they come, in whatever order is the fastest to read.</summary>
    public bool InOrder { get; init; } = true;

    /// <summary>Tiles that are decoded at the same time. 0: by the source and the number of cores.</summary>
    public int Concurrency { get; init; }

    /// <summary>Refuses what cannot work on any slide.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the setting and its range.</exception>
    /// <exception cref="ArgumentException">More than one resolution.</exception>
    internal void Validate()
    {
        Check(Width is >= 1 and <= 16384, nameof(Width), Width, "1 to 16384 pixels");
        Check(Height is >= 1 and <= 16384, nameof(Height), Height, "1 to 16384 pixels");
        Check(Overlap >= 0 && Overlap < Math.Min(Width, Height), nameof(Overlap), Overlap, "zero or more, and less than the tile's width and height");
        Check(Mpp is null or (> 0 and < 10000), nameof(Mpp), Mpp, "above 0");
        Check(Downsample is null or (>= 1 / 64.0 and <= int.MaxValue), nameof(Downsample), Downsample, "1/64 or more");
        Check(Tolerance is >= 0 and < 0.5, nameof(Tolerance), Tolerance, "0 to below 0.5");
        Check(MinTissue is > 0 and <= 1, nameof(MinTissue), MinTissue, "above 0, at most 1");
        Check(Concurrency is >= 0 and <= 256, nameof(Concurrency), Concurrency, "0 to 256");
        Check(Within is null or { Width: > 0, Height: > 0 }, nameof(Within), Within, "a rectangle with an area");
        if ((Mpp is null ? 0 : 1) + (Downsample is null ? 0 : 1) + (Level is null ? 0 : 1) > 1)
            throw new ArgumentException("At most one of TileGrid.Mpp, TileGrid.Downsample and TileGrid.Level can be given.");
    }

    static void Check(bool holds, string setting, object? found, string expected)
    {
        if (!holds) throw new ArgumentOutOfRangeException(setting, found, $"TileGrid.{setting} must be {expected}.");
    }
}

/// <summary>What becomes of tiles that reach over the right or lower edge of the slide, or of <see cref="TileGrid.Within"/>.</summary>
public enum TileEdges
{
    /// <summary>They have their whole size; what lies outside the slide is background.</summary>
    Pad,

    /// <summary>They are smaller.</summary>
    Crop,

    /// <summary>They are left out.</summary>
    Skip,
}
