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

    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}
