namespace Slidebridge.Slides.Codecs;

/// <summary>What the container says about a tile's pixels.</summary>
/// <param name="Width">Stored pixels in a row, including padding.</param>
/// <param name="Height">Stored rows, including padding.</param>
/// <param name="Samples">8-bit samples per pixel: 1, 3 or 4 (the fourth is ignored).</param>
/// <param name="Color">What the samples mean.</param>
/// <param name="Predicted">True if each sample is stored as the difference to its left neighbour (TIFF 6.0 §14).</param>
/// <param name="JpegTables">An abbreviated JPEG stream with the tables that all tiles share; empty if each tile has its own.</param>
sealed record StoredTile(int Width, int Height, int Samples, StoredColor Color, bool Predicted = false, ReadOnlyMemory<byte> JpegTables = default)
{
    /// <summary>
    /// For JPEG 2000: true if the container says that the stream has its own colour transform, false if it says that the stream has none;
    /// null if the compression code itself defines the colour, so that no contradiction is possible.
    /// </summary>
    public bool? IsTransformed { get; init; }

    /// <summary>
    /// True if the container says that pixels share their chroma: an encoded tile without shared chroma contradicts that. Null if the container only omits the field,
    /// which many writers do without meaning shared chroma: then only the pixels can contradict.
    /// </summary>
    public bool? IsSubsampled { get; init; } = false;

    /// <summary>Rows that the encoded picture may have beyond <see cref="Height"/>; they are ignored. The last strip of a picture may be padded to the height of the other strips.</summary>
    public int PaddedHeight { get; init; } = Height;
}

/// <summary>What a pixel's samples mean.</summary>
enum StoredColor
{
    Unknown,
    Gray,
    GrayMinIsWhite,
    Rgb,
    YCbCr,
}
