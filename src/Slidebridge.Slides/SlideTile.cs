using System.Buffers;

namespace Slidebridge.Slides;

/// <summary>A tile from <see cref="Slide.ReadTilesAsync(TileGrid, CancellationToken)"/>. Its memory is pooled: dispose it when its pixels are no longer needed.</summary>
public sealed class SlideTile : IDisposable
{
    IMemoryOwner<byte>? memory;

    internal SlideTile(int column, int row, double x, double y, int width, int height, PixelFormat format, IMemoryOwner<byte> memory)
    {
        (Column, Row, X, Y, Width, Height, Format) = (column, row, x, y, width, height, format);
        this.memory = memory;
    }

    /// <summary>The tile's column, from 0 at the grid's left.</summary>
    public int Column { get; }

    /// <summary>The tile's row, from 0 at the grid's top.</summary>
    public int Row { get; }

    /// <summary>Left edge in level-0 pixels.</summary>
    public double X { get; }

    /// <summary>Top edge in level-0 pixels.</summary>
    public double Y { get; }

    /// <summary>The width in the tile's own pixels.</summary>
    public int Width { get; }

    /// <summary>The height in the tile's own pixels.</summary>
    public int Height { get; }

    /// <summary>The channel order.</summary>
    public PixelFormat Format { get; }

    /// <summary>Row-major, from the top left, rows without padding; shape [Height, Width, channels].</summary>
    /// <exception cref="ObjectDisposedException">The tile was disposed.</exception>
    public Memory<byte> Pixels => (memory ?? throw new ObjectDisposedException(nameof(SlideTile))).Memory[..(Width * Height * Format.BytesPerPixel())];

    /// <summary>A copy of the pixels that remains valid after the tile is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The tile was disposed.</exception>
    public Raster ToRaster() => new(Width, Height, Format, Pixels.ToArray());

    /// <summary>Returns the memory to the pool.</summary>
    public void Dispose() => Interlocked.Exchange(ref memory, null)?.Dispose();
}
