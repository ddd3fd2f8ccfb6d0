using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes the tiles of one compression. Stateless, or safe for concurrent callers.</summary>
interface ITileCodec
{
    /// <summary>The largest of 1, 2, 4, 8 by which decoding can shrink for less than the whole price.</summary>
    int MaxReduction { get; }

    /// <summary>What the encoded bytes themselves say of their colours. Asked before decoding; damaged bytes say nothing.</summary>
    StatedColor StatedColorOf(ReadOnlySpan<byte> encoded, StoredTile tile) => default;

    /// <summary>Decodes the top left target.Width × target.Height pixels at 1/<paramref name="reduction"/> of the stored size.</summary>
    /// <exception cref="SlideFormatException">The bytes are damaged. Without an offset: the caller adds where the tile lies.</exception>
    void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target);
}
