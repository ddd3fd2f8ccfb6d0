namespace Slidebridge.Slides.Codecs;

/// <summary>What the container says of a tile's pixels.</summary>
/// <param name="Width">Stored pixels in a row, padding included.</param>
/// <param name="Height">Stored rows, padding included.</param>
/// <param name="Samples">8-bit samples of a pixel: 1, 3 or 4 (the fourth is not shown).</param>
/// <param name="Color">What the samples mean.</param>
/// <param name="Predicted">True where each sample is stored as the difference to its left neighbour (TIFF 6.0 §14).</param>
/// <param name="JpegTables">An abbreviated JPEG stream with the tables that all tiles share; empty where each has its own.</param>
sealed record StoredTile(int Width, int Height, int Samples, StoredColor Color, bool Predicted = false, ReadOnlyMemory<byte> JpegTables = default)
{
    /// <summary>
    /// Of JPEG 2000: true where the container says that the stream transforms its colours itself, false where it says that it does not;
    /// null where the compression's own code defines the colour, so that there is nothing to doubt.
    /// </summary>
    public bool? IsTransformed { get; init; }

    /// <summary>
    /// True where the container says that pixels share their chroma: an encoded tile where they do not contradicts it. Null where it says so by leaving a field
    /// out, which many do that mean nothing by it: then only pixels that do not bear it out contradict.
    /// </summary>
    public bool? IsSubsampled { get; init; } = false;

    /// <summary>Rows that the encoded picture may have beyond <see cref="Height"/>; they are not shown. The last strip of a picture may be padded to the height of the others.</summary>
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
