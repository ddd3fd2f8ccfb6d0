namespace Slidebridge.Slides.Formats;

/// <summary>What a format found in a slide: everything that <see cref="Slide"/> needs from any container.</summary>
sealed record SlideContent
{
    /// <summary>A stable name such as <c>aperio-svs</c>.</summary>
    public required string Format { get; init; }

    /// <summary>At least one level, the largest first; each level's index is its position.</summary>
    public required IReadOnlyList<TileSource> Levels { get; init; }

    /// <summary>The associated images by name: thumbnail, label, macro.</summary>
    public IReadOnlyDictionary<string, TileSource> AssociatedImages { get; init; } = new Dictionary<string, TileSource>();

    public MicronsPerPixel? Mpp { get; init; }

    public double? ObjectivePower { get; init; }

    /// <summary>The part of level 0 that the scanner scanned; null if the format does not state it.</summary>
    public SlideBounds? Bounds { get; init; }

    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads level 0's ICC profile; null if it has none.</summary>
    public Func<CancellationToken, Task<byte[]?>>? ReadIccProfile { get; init; }

    /// <summary>All optical paths of the slide; empty if the format has no optical paths.</summary>
    public IReadOnlyList<OpticalPath> OpticalPaths { get; init; } = [];

    /// <summary>All focal planes of the slide; empty if the format has no focal planes.</summary>
    public IReadOnlyList<FocalPlane> FocalPlanes { get; init; } = [];

    /// <summary>Where associated images lie, as far as it is known.</summary>
    public IReadOnlyList<ContentPart> Parts { get; init; } = [];

    /// <summary>True if a library reads the objects by their path, so that the bytes that it reads are not known.</summary>
    public bool IsReadElsewhere { get; init; }

    /// <summary>Resources to dispose together with the slide, besides its objects' sources.</summary>
    public IAsyncDisposable? Owned { get; init; }
}
