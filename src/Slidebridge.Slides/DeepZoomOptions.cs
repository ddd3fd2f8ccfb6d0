namespace Slidebridge.Slides;

/// <summary>How a slide is cut for a Deep Zoom viewer such as OpenSeadragon.</summary>
public sealed record DeepZoomOptions
{
    /// <summary>A tile's edge in pixels, without its overlap. Null: the slide's own tiles' where they are square, so that they need not be decoded; else 256.</summary>
    public int? TileSize { get; init; }

    /// <summary>Pixels of its neighbours that a tile has on each side. Above 0 every tile is decoded and encoded again.</summary>
    public int Overlap { get; init; }

    /// <summary>What tiles are.</summary>
    public DeepZoomFormat Format { get; init; } = DeepZoomFormat.Jpeg;

    /// <summary>Quality of JPEG tiles that are not the slide's own, 1 to 100.</summary>
    public int Quality { get; init; } = 85;

    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the setting and its range.</exception>
    public void Validate()
    {
        if (TileSize is < 16 or > 4096) throw new ArgumentOutOfRangeException(nameof(TileSize), TileSize, "DeepZoomOptions.TileSize must be 16 to 4096.");
        if (Overlap is < 0 or > 64) throw new ArgumentOutOfRangeException(nameof(Overlap), Overlap, "DeepZoomOptions.Overlap must be 0 to 64.");
        if (Quality is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(Quality), Quality, "DeepZoomOptions.Quality must be 1 to 100.");
    }
}

/// <summary>What the tiles of a Deep Zoom image are encoded as.</summary>
public enum DeepZoomFormat
{
    /// <summary>Small, and the slide's own tiles where the grid allows.</summary>
    Jpeg,

    /// <summary>Lossless.</summary>
    Png,
}
