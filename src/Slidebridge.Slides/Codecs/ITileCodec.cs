using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes the tiles of one compression. Stateless, or safe for concurrent callers.</summary>
interface ITileCodec
{
    /// <summary>The largest of 1, 2, 4, 8 by which decoding can shrink for less than the whole price.</summary>
    int MaxReduction { get; }

    /// <summary>What the encoded bytes themselves say of their colours. Asked before decoding; damaged bytes say nothing. Most compressions have no word for it, and none for shared chroma.</summary>
    StatedColor StatedColorOf(ReadOnlySpan<byte> encoded, StoredTile tile) => new(StoredColor.Unknown, tile.IsSubsampled is not false);

    /// <summary>True where <see cref="OpenRows"/> can decode a large tile by rows.</summary>
    bool HasRows => false;

    /// <summary>Begins to decode a large tile by rows, at 1/<paramref name="reduction"/> of its size.</summary>
    /// <exception cref="SlideFormatException">The bytes are damaged, or coded in a way that takes the memory of the whole tile.</exception>
    IRowDecoder OpenRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int reduction) => throw new NotSupportedException();

    /// <summary>Decodes the top left target.Width × target.Height pixels at 1/<paramref name="reduction"/> of the stored size.</summary>
    /// <exception cref="SlideFormatException">The bytes are damaged. Without an offset: the caller adds where the tile lies.</exception>
    void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target);
}
