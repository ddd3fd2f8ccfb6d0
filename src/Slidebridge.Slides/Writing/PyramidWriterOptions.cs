namespace Slidebridge.Slides.Writing;

/// <summary>How a slide is written.</summary>
public sealed record PyramidWriterOptions
{
    /// <summary>Whose arrangement the TIFF has.</summary>
    public PyramidKind Kind { get; init; }

    /// <summary>Edge of the square tiles in pixels; a multiple of 16 (TIFF 6.0 §15).</summary>
    public int TileSize { get; init; } = 256;

    /// <summary>JPEG quality, 1 to 100. Scanners write 30 to 90.</summary>
    public int Quality { get; init; } = 80;

    /// <summary>Micrometres per level-0 pixel.</summary>
    public double Mpp { get; init; } = 0.5;

    /// <summary>Micrometres from a level-0 row to the next, where that differs; null: <see cref="Mpp"/>. Aperio's arrangement has one number: the mean of both.</summary>
    public double? MppY { get; init; }

    /// <summary>The objective's magnification; null where it is not known, and then not written.</summary>
    public double? ObjectivePower { get; init; } = 20;

    /// <summary>The pixels' colour profile (ICC); null for none.</summary>
    public byte[]? IccProfile { get; init; }

    /// <summary>No level is written whose longer edge would be below this.</summary>
    public int SmallestLevel { get; init; } = 256;

    /// <summary>The thumbnail's longer edge at most, in pixels.</summary>
    public int ThumbnailEdge { get; init; } = 1024;

    /// <summary>True forces BigTIFF, false classic TIFF; null takes BigTIFF where the pixels could pass 4 GB at this quality.</summary>
    public bool? BigTiff { get; init; }

    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the setting and its range.</exception>
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

/// <summary>How the levels of a pyramid are arranged in a TIFF, and what describes them.</summary>
public enum PyramidKind
{
    /// <summary>As Aperio's SVS: level 0, a thumbnail, the other levels, with Aperio's description.</summary>
    Aperio,

    /// <summary>OME-TIFF: an OME-XML description, and the other levels below level 0 (SubIFDs). It has no thumbnail.</summary>
    OmeTiff,
}
