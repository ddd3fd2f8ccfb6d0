using System.Buffers.Binary;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;

namespace Slidebridge.Bench.Viewer;

/// <summary>
/// JPEG tiles of tissue with the noise of a scanner's camera, 10 to 30 KB each. There are few pictures, but each tile has a comment with its own number, so that no two tiles have the same bytes.
/// </summary>
sealed class VirtualTiles
{
    /// <summary>Pixels along an edge of a tile.</summary>
    public const int Edge = 256;

    const int Block = 2048, Quality = 80, CommentBytes = 12;

    /// <summary>The largest change of a pixel's channel by noise.</summary>
    const int Noise = 30;

    readonly byte[][] pictures;

    public VirtualTiles()
    {
        var pixels = new byte[Block * Block * 3];
        SyntheticTissue.Create(20_000, 20_000).Render(9000, 9000, Block, Block, pixels);
        var random = new Random(1);
        // The sum of two even distributions is near enough to a camera's.
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)Math.Clamp(pixels[i] + (random.Next(Noise + 1) + random.Next(Noise + 1) - Noise), 0, 255);
        const int side = Block / Edge;
        pictures = [.. Enumerable.Range(0, side * side).Select(i => Encode(pixels, i % side * Edge, i / side * Edge))];
    }

    /// <summary>The mean of the tiles' bytes.</summary>
    public double MeanBytes => pictures.Average(picture => picture.Length) + CommentBytes;

    /// <summary>Bytes of a tile.</summary>
    public int LengthOf(long number) => PictureOf(number).Length + CommentBytes;

    /// <summary>A tile: the start of its picture, the comment (ITU-T T.81 B.2.4.5) with its number, the rest.</summary>
    public byte[] Make(long number)
    {
        var picture = PictureOf(number);
        var tile = new byte[picture.Length + CommentBytes];
        picture.AsSpan(0, 2).CopyTo(tile);
        ReadOnlySpan<byte> comment = [0xff, 0xfe, 0, CommentBytes - 2];
        comment.CopyTo(tile.AsSpan(2));
        BinaryPrimitives.WriteInt64BigEndian(tile.AsSpan(6), number);
        picture.AsSpan(2).CopyTo(tile.AsSpan(2 + CommentBytes));
        return tile;
    }

    // Neighbours have different pictures.
    byte[] PictureOf(long number) => pictures[(int)((ulong)number * 2654435761 >> 7) & (pictures.Length - 1)];

    static byte[] Encode(byte[] pixels, int left, int top)
    {
        var tile = new byte[Edge * Edge * 3];
        for (var y = 0; y < Edge; y++) pixels.AsSpan(((top + y) * Block + left) * 3, Edge * 3).CopyTo(tile.AsSpan(y * Edge * 3));
        return new Raster(Edge, Edge, PixelFormat.Rgb24, tile).EncodeJpeg(Quality);
    }
}
