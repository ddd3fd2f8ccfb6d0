using System.Buffers;

namespace Slidebridge.Slides.Pixels;

/// <summary>
/// Pooled memory for whole pictures. The shared pool keeps an array for every thread that returned one: nothing for a tile,
/// hundreds of megabytes for pictures. This one keeps a few for all threads.
/// </summary>
static class PicturePool
{
    const int Largest = 16 << 20, Kept = 4;

    /// <summary>Above this it is a picture, or a tile as large as one.</summary>
    const int Tile = 1 << 20;

    /// <summary>Where an array of this length is rented and returned.</summary>
    public static ArrayPool<byte> PixelsOf(int length) => length > Tile ? Pixels : ArrayPool<byte>.Shared;

    public static ArrayPool<byte> Pixels { get; } = ArrayPool<byte>.Create(Largest, Kept);

    public static ArrayPool<uint> Sums { get; } = ArrayPool<uint>.Create(Largest, Kept);
}
