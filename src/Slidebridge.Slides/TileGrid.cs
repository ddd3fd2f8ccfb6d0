namespace Slidebridge.Slides;

/// <summary>How <see cref="Slide.ReadTilesAsync(TileGrid, CancellationToken)"/> divides a slide into tiles, and their order.</summary>
/// <remarks>Set at most one of <see cref="Mpp"/>, <see cref="Downsample"/> and <see cref="Level"/>; if none is set, level 0 is read.</remarks>
public sealed record TileGrid
{
    /// <summary>A tile's width in its own pixels.</summary>
    public int Width { get; init; } = 256;

    /// <summary>A tile's height in its own pixels.</summary>
    public int Height { get; init; } = 256;

    /// <summary>Pixels that a tile shares with the next one, to the right and below; less than its width and height.</summary>
    public int Overlap { get; init; }

    /// <summary>The wanted resolution in micrometres per pixel. The slide must state its own.</summary>
    public double? Mpp { get; init; }

    /// <summary>The wanted resolution in level-0 pixels per tile pixel. Below 1 enlarges and causes a warning; below 0.5 is an error unless <see cref="AllowUpsampling"/> is set.</summary>
    public double? Downsample { get; init; }

    /// <summary>
    /// True: the grid may request more than twice the slide's detail, although most of such a tile was never scanned.
    /// False: such a grid is an error, because a model's findings on enlarged pixels look like any other finding.
    /// </summary>
    public bool AllowUpsampling { get; init; }

    /// <summary>The level to read, without scaling.</summary>
    public int? Level { get; init; }

    /// <summary>If a level is this close to the wanted resolution, it is read without scaling: 0.02 is 2 %. The layout contains the actual resolution.</summary>
    public double Tolerance { get; init; } = 0.02;

    /// <summary>The rectangle of level-0 pixels to divide, from its top left corner; null for the whole slide.</summary>
    public SlideBounds? Within { get; init; }

    /// <summary>What happens to tiles that extend beyond the right or lower edge.</summary>
    public TileEdges Edges { get; init; } = TileEdges.Pad;

    /// <summary>If set, only tiles with tissue are read; null for all tiles.</summary>
    public TissueMask? Mask { get; init; }

    /// <summary>The share of a tile that must be tissue, above 0 to 1; used only with <see cref="Mask"/>.</summary>
    public double MinTissue { get; init; } = 0.05;

    /// <summary>The channel order.</summary>
    public PixelFormat Format { get; init; } = PixelFormat.Rgb24;

    /// <summary>True: row by row from the top left. False: in the order that is fastest to read.</summary>
    public bool InOrder { get; init; } = true;

    /// <summary>Tiles that are decoded at the same time. 0: chosen from the source and the number of cores.</summary>
    public int Concurrency { get; init; }

    /// <summary>Throws if a setting is invalid for every slide.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it and its range.</exception>
    /// <exception cref="ArgumentException">More than one resolution is set.</exception>
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
            throw new ArgumentException("Set at most one of TileGrid.Mpp, TileGrid.Downsample and TileGrid.Level.");
    }

    static void Check(bool holds, string setting, object? found, string expected)
    {
        if (!holds) throw new ArgumentOutOfRangeException(setting, found, $"TileGrid.{setting} must be {expected}.");
    }
}

/// <summary>What happens to tiles that extend beyond the right or lower edge of the slide, or of <see cref="TileGrid.Within"/>.</summary>
public enum TileEdges
{
    /// <summary>They keep their full size; pixels outside the slide are background.</summary>
    Pad,

    /// <summary>They are smaller.</summary>
    Crop,

    /// <summary>They are left out.</summary>
    Skip,
}
