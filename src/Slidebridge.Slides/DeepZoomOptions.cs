namespace Slidebridge.Slides;

/// <summary>How a slide is divided into tiles for a Deep Zoom viewer such as OpenSeadragon.</summary>
public sealed record DeepZoomOptions
{
    /// <summary>A tile's width and height in pixels, without its overlap. Null: the size of the slide's own tiles if they are square, so that they need not be decoded; otherwise 256.</summary>
    public int? TileSize { get; init; }

    /// <summary>Pixels of the neighbouring tiles that a tile includes on each side. Above 0, every tile is decoded and encoded again.</summary>
    public int Overlap { get; init; }

    /// <summary>The tiles' file format.</summary>
    public DeepZoomFormat Format { get; init; } = DeepZoomFormat.Jpeg;

    /// <summary>JPEG quality, 1 to 100, of tiles that are encoded again.</summary>
    public int Quality { get; init; } = 85;

    /// <summary>Throws if a setting is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it and its range.</exception>
    public void Validate()
    {
        if (TileSize is < 16 or > 4096) throw new ArgumentOutOfRangeException(nameof(TileSize), TileSize, "DeepZoomOptions.TileSize must be 16 to 4096.");
        if (Overlap is < 0 or > 64) throw new ArgumentOutOfRangeException(nameof(Overlap), Overlap, "DeepZoomOptions.Overlap must be 0 to 64.");
        if (Quality is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(Quality), Quality, "DeepZoomOptions.Quality must be 1 to 100.");
    }
}

/// <summary>The file format of Deep Zoom tiles.</summary>
public enum DeepZoomFormat
{
    /// <summary>Small files; the slide's own tiles if the grid allows it.</summary>
    Jpeg,

    /// <summary>Lossless.</summary>
    Png,
}
