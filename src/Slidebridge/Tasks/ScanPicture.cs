namespace Slidebridge.Tasks;

/// <summary>A scan's small picture as it is stored. The findings are drawn onto it when the picture is requested.</summary>
sealed class ScanPicture
{
    public long TaskNumber { get; init; }

    public required string ScanId { get; init; }

    /// <summary>The slide's size in level-0 pixels.</summary>
    public int SlideWidth { get; init; }

    /// <summary>The slide's size in level-0 pixels.</summary>
    public int SlideHeight { get; init; }

    /// <summary>JPEG; null if the slide has none that can be read quickly.</summary>
    public byte[]? Jpeg { get; init; }
}
