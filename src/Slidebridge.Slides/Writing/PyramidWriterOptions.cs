namespace Slidebridge.Slides.Writing;

/// <summary>Options for writing a slide.</summary>
public sealed record PyramidWriterOptions
{
    /// <summary>The arrangement of the TIFF.</summary>
    public PyramidKind Kind { get; init; }

    /// <summary>Edge of the square tiles in pixels; a multiple of 16 (TIFF 6.0 §15).</summary>
    public int TileSize { get; init; } = 256;

    /// <summary>JPEG quality, 1 to 100. Scanners write 30 to 90.</summary>
    public int Quality { get; init; } = 80;

    /// <summary>Micrometres per level-0 pixel.</summary>
    public double Mpp { get; init; } = 0.5;

    /// <summary>Micrometres from one level-0 row to the next, if different; null: <see cref="Mpp"/>. Aperio's arrangement has only one number: the mean of both.</summary>
    public double? MppY { get; init; }

    /// <summary>The objective's magnification; null if it is not known: then none is written.</summary>
    public double? ObjectivePower { get; init; } = 20;

    /// <summary>The pixels' colour profile (ICC); null for none.</summary>
    public byte[]? IccProfile { get; init; }

    /// <summary>The minimum longer edge of a level, in pixels. Smaller levels are not written.</summary>
    public int SmallestLevel { get; init; } = 256;

    /// <summary>The maximum longer edge of the thumbnail, in pixels.</summary>
    public int ThumbnailEdge { get; init; } = 1024;

    /// <summary>True forces BigTIFF, false classic TIFF; null uses BigTIFF if the pixels could exceed 4 GB at this quality.</summary>
    public bool? BigTiff { get; init; }

    /// <summary>Throws if a setting is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it and its range.</exception>
    public void Validate()
    {
        if (TileSize is < 16 or > 4096 || TileSize % 16 != 0) throw new ArgumentOutOfRangeException(nameof(TileSize), TileSize, "PyramidWriterOptions.TileSize must be 16 to 4096 and a multiple of 16.");
        if (Quality is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(Quality), Quality, "PyramidWriterOptions.Quality must be 1 to 100.");
        if (Mpp is not (> 0 and < 1000)) throw new ArgumentOutOfRangeException(nameof(Mpp), Mpp, "PyramidWriterOptions.Mpp must be above 0 and below 1000.");
        if (MppY is not (null or (> 0 and < 1000))) throw new ArgumentOutOfRangeException(nameof(MppY), MppY, "PyramidWriterOptions.MppY must be above 0 and below 1000.");
        if (!Enum.IsDefined(Kind)) throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "PyramidWriterOptions.Kind must be Aperio or OmeTiff.");
        if (ObjectivePower is not (null or (> 0 and < 1000))) throw new ArgumentOutOfRangeException(nameof(ObjectivePower), ObjectivePower, "PyramidWriterOptions.ObjectivePower must be above 0 and below 1000.");
        if (SmallestLevel < 1) throw new ArgumentOutOfRangeException(nameof(SmallestLevel), SmallestLevel, "PyramidWriterOptions.SmallestLevel must be at least 1.");
        if (ThumbnailEdge is < 16 or > 4096) throw new ArgumentOutOfRangeException(nameof(ThumbnailEdge), ThumbnailEdge, "PyramidWriterOptions.ThumbnailEdge must be 16 to 4096.");
    }
}

/// <summary>The arrangement of a pyramid's levels in a TIFF, and its description.</summary>
public enum PyramidKind
{
    /// <summary>Like Aperio's SVS: level 0, a thumbnail, the other levels, with Aperio's description.</summary>
    Aperio,

    /// <summary>OME-TIFF: an OME-XML description, and the other levels below level 0 (SubIFDs). It has no thumbnail.</summary>
    OmeTiff,
}
