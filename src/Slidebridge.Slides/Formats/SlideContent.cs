namespace Slidebridge.Slides.Formats;

/// <summary>What a format found in a slide: everything <see cref="Slide"/> needs, whatever the container.</summary>
sealed record SlideContent
{
    /// <summary>A stable name such as <c>aperio-svs</c>.</summary>
    public required string Format { get; init; }

    /// <summary>At least one, largest first, each level's index its place.</summary>
    public required IReadOnlyList<TileSource> Levels { get; init; }

    /// <summary>By name: thumbnail, label, macro.</summary>
    public IReadOnlyDictionary<string, TileSource> AssociatedImages { get; init; } = new Dictionary<string, TileSource>();

    public MicronsPerPixel? Mpp { get; init; }

    public double? ObjectivePower { get; init; }

    /// <summary>The part of level 0 that the scanner scanned; null where the format does not tell it from the whole.</summary>
    public SlideBounds? Bounds { get; init; }

    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads level 0's ICC profile; null where it has none.</summary>
    public Func<CancellationToken, Task<byte[]?>>? ReadIccProfile { get; init; }

    /// <summary>All optical paths that the slide holds; empty where the format has no such thing.</summary>
    public IReadOnlyList<OpticalPath> OpticalPaths { get; init; } = [];

    /// <summary>All focal planes that the slide holds; empty where the format has no such thing.</summary>
    public IReadOnlyList<FocalPlane> FocalPlanes { get; init; } = [];

    /// <summary>What is to be closed with the slide besides its objects' sources.</summary>
    public IAsyncDisposable? Owned { get; init; }
}
