namespace Slidebridge.Tasks;

/// <summary>A scan's small picture as it is kept: what was found is drawn on it when somebody looks.</summary>
sealed class ScanPicture
{
    public long TaskNumber { get; init; }

    public required string ScanId { get; init; }

    /// <summary>The slide's size in level-0 pixels.</summary>
    public int SlideWidth { get; init; }

    /// <summary>The slide's size in level-0 pixels.</summary>
    public int SlideHeight { get; init; }

    /// <summary>JPEG; null where none is to be had cheaply.</summary>
    public byte[]? Jpeg { get; init; }
}
