using System.Buffers;

namespace Slidebridge.Slides.Pixels;

/// <summary>
/// Pooled memory for whole pictures. The shared pool keeps an array for every thread that returned one: little for tiles, but
/// hundreds of megabytes for pictures. This pool keeps only a few arrays for all threads.
/// </summary>
static class PicturePool
{
    const int Largest = 16 << 20, Kept = 4;

    /// <summary>Arrays above this length are for a picture, or for a tile as large as one.</summary>
    const int Tile = 1 << 20;

    /// <summary>The pool for arrays of this length.</summary>
    public static ArrayPool<byte> PixelsOf(int length) => length > Tile ? Pixels : ArrayPool<byte>.Shared;

    public static ArrayPool<byte> Pixels { get; } = ArrayPool<byte>.Create(Largest, Kept);

    public static ArrayPool<uint> Sums { get; } = ArrayPool<uint>.Create(Largest, Kept);
}
