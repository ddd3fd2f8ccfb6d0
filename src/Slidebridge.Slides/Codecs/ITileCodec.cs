using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes the tiles of one compression. Stateless, or safe for concurrent callers.</summary>
interface ITileCodec
{
    /// <summary>The largest of 1, 2, 4, 8 by which the decoder can shrink a tile for less than the full cost.</summary>
    int MaxReduction { get; }

    /// <summary>What the encoded bytes themselves say about their colours; called before decoding. Unknown for damaged bytes, and for most compressions, which cannot state a colour model. Only some can state shared chroma.</summary>
    StatedColor StatedColorOf(ReadOnlySpan<byte> encoded, StoredTile tile) => new(StoredColor.Unknown, tile.IsSubsampled is not false);

    /// <summary>True if <see cref="OpenRows"/> can decode a large tile by rows.</summary>
    bool HasRows => false;

    /// <summary>Starts to decode a large tile by rows, at 1/<paramref name="reduction"/> of its size.</summary>
    /// <exception cref="SlideFormatException">The bytes are damaged, or their coding needs memory for the whole tile.</exception>
    IRowDecoder OpenRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int reduction) => throw new NotSupportedException();

    /// <summary>Decodes the top left target.Width × target.Height pixels at 1/<paramref name="reduction"/> of the stored size.</summary>
    /// <exception cref="SlideFormatException">The bytes are damaged. The exception has no offset: the caller adds the tile's position.</exception>
    void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target);
}
