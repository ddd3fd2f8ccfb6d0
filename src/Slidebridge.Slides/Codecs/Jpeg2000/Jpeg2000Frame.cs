using System.Buffers.Binary;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Codecs;

/// <summary>The size that a JPEG 2000 code stream states, read before a library allocates memory for it. ITU-T T.800 A.5.1.</summary>
/// <param name="Width">Pixels of the image area.</param>
/// <param name="Height">Rows of the image area.</param>
/// <param name="Components">1, 3 or 4, each of 8 unsigned bits.</param>
/// <param name="TileWidth">Pixels of the stream's own tiles, at most the image's.</param>
/// <param name="TileHeight">Rows of the stream's own tiles.</param>
/// <param name="Subsampled">True if a component has fewer samples than pixels.</param>
readonly record struct Jpeg2000Frame(int Width, int Height, int Components, int TileWidth, int TileHeight, bool Subsampled)
{
    public const byte Siz = 0x51;

    /// <summary>Maximum pixels that are decoded at once. A library uses 12 to 24 bytes for each pixel of 3 components.</summary>
    public const long MostPixels = 16L * 1024 * 1024;

    // A library also uses some kilobytes for each of the stream's own tiles. Scanners write one.
    const int MostTiles = 1024;

    /// <summary>Reads SIZ, which is the first marker after SOC.</summary>
    /// <exception cref="SlideFormatException">SIZ is missing, or the stream's samples cannot be decoded.</exception>
    public static Jpeg2000Frame Find(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < 43 || !stream.StartsWith<byte>([0xFF, 0x4F, 0xFF, Siz]))
            throw new SlideFormatException("the tile is not a JPEG 2000 code stream. It is damaged.");
        long right = U32(stream, 8), bottom = U32(stream, 12), left = U32(stream, 16), top = U32(stream, 20);
        long tileWidth = U32(stream, 24), tileHeight = U32(stream, 28), tileLeft = U32(stream, 32), tileTop = U32(stream, 36);
        int components = BinaryPrimitives.ReadUInt16BigEndian(stream[40..]);
        long width = right - left, height = bottom - top;
        if (width <= 0 || height <= 0 || tileWidth == 0 || tileHeight == 0 || tileLeft > left || tileTop > top || tileLeft + tileWidth <= left || tileTop + tileHeight <= top)
            throw new SlideFormatException($"the JPEG 2000 states a size of {width}×{height} in tiles of {tileWidth}×{tileHeight}. It is damaged.");
        if (width * height > LargeTiles.Largest)
            throw new SlideFormatException($"the JPEG 2000 states a size of {width}×{height}; at most {LargeTiles.Largest} pixels are decoded by rows.");
        var tiles = (right - tileLeft + tileWidth - 1) / tileWidth * ((bottom - tileTop + tileHeight - 1) / tileHeight);
        if (tiles > MostTiles)
            throw new SlideFormatException($"the JPEG 2000 is divided into {tiles} tiles; at most {MostTiles} are decoded.");
        if (components is not (1 or 3 or 4) || stream.Length < 42 + 3 * components)
            throw new SlideFormatException($"the JPEG 2000 has {components} components; expected 1, 3 or 4.");

        var subsampled = false;
        for (var i = 42; i < 42 + 3 * components; i += 3)
        {
            if (stream[i] != 7) throw new SlideFormatException($"the JPEG 2000 has {((stream[i] & 0x80) == 0 ? "" : "signed ")}samples of {(stream[i] & 0x7F) + 1} bits; expected unsigned samples of 8 bits.");
            if (stream[i + 1] is not (1 or 2 or 4) || stream[i + 2] is not (1 or 2 or 4) || (i == 42 && (stream[i + 1] != 1 || stream[i + 2] != 1)))
                throw new SlideFormatException($"a component of the JPEG 2000 has a sample for {stream[i + 1]}×{stream[i + 2]} pixels; expected 1, 2 or 4, and 1 for the first.");
            subsampled |= stream[i + 1] != 1 || stream[i + 2] != 1;
        }
        return new Jpeg2000Frame((int)width, (int)height, components, (int)Math.Min(tileWidth, width), (int)Math.Min(tileHeight, height), subsampled);
    }

    static uint U32(ReadOnlySpan<byte> stream, int at) => BinaryPrimitives.ReadUInt32BigEndian(stream[at..]);
}
