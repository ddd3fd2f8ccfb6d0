using System.Buffers;

namespace Slidebridge.Slides;

/// <summary>A tile that <see cref="Slide.ReadTilesAsync(TileGrid, CancellationToken)"/> read. Its memory is pooled: dispose it when its pixels are used.</summary>
public sealed class SlideTile : IDisposable
{
    IMemoryOwner<byte>? memory;

    internal SlideTile(int column, int row, double x, double y, int width, int height, PixelFormat format, IMemoryOwner<byte> memory)
    {
        (Column, Row, X, Y, Width, Height, Format) = (column, row, x, y, width, height, format);
        this.memory = memory;
    }

    /// <summary>From 0 at the grid's left.</summary>
    public int Column { get; }

    /// <summary>From 0 at the grid's top.</summary>
    public int Row { get; }

    /// <summary>Left edge in level-0 pixels.</summary>
    public double X { get; }

    /// <summary>Top edge in level-0 pixels.</summary>
    public double Y { get; }

    /// <summary>The tile's own pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows of the tile's own pixels.</summary>
    public int Height { get; }

    /// <summary>The order of the channels.</summary>
    public PixelFormat Format { get; }

    /// <summary>Row-major, from the top left, rows without padding; shape [Height, Width, channels].</summary>
    /// <exception cref="ObjectDisposedException">The tile was disposed.</exception>
    public Memory<byte> Pixels => (memory ?? throw new ObjectDisposedException(nameof(SlideTile))).Memory[..(Width * Height * Format.BytesPerPixel())];

    /// <summary>A copy of the pixels that outlives the tile.</summary>
    /// <exception cref="ObjectDisposedException">The tile was disposed.</exception>
    public Raster ToRaster() => new(Width, Height, Format, Pixels.ToArray());

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => Interlocked.Exchange(ref memory, null)?.Dispose();
}
