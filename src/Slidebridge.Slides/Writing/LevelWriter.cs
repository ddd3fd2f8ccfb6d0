using System.Buffers;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Tiles;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// One level while it is written: collects rows into a band as high as a tile, passes the band's tiles to the level's sink,
/// and passes the halved band to the next level.
/// </summary>
sealed class LevelWriter(int width, int height, PyramidWriterOptions options, ILevelSink sink, LevelWriter? next, AreaAverage? thumbnail)
{
    readonly byte[] band = new byte[checked(width * 3 * options.TileSize)];
    readonly byte[] halved = next is null ? [] : new byte[next.Width * 3 * (options.TileSize / 2 + 1)];
    readonly int columns = (width + options.TileSize - 1) / options.TileSize;
    int rowsInBand, rowsDone;

    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>Adds any number of Rgb24 rows.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        var rowBytes = Width * 3;
        while (rows.Length > 0)
        {
            var count = Math.Min(rows.Length / rowBytes, Math.Min(options.TileSize, Height - rowsDone) - rowsInBand);
            rows[..(count * rowBytes)].CopyTo(band.AsMemory(rowsInBand * rowBytes));
            rowsInBand += count;
            rows = rows[(count * rowBytes)..];
            if (rowsInBand == options.TileSize || rowsDone + rowsInBand == Height) await FlushAsync(cancellationToken);
        }
    }

    async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var tiles = new byte[columns][];
        Parallel.For(0, columns, new ParallelOptions { CancellationToken = cancellationToken }, column => tiles[column] = Encode(column));
        for (var column = 0; column < columns; column++)
            await sink.WriteAsync(rowsDone / options.TileSize * columns + column, tiles[column], cancellationToken);
        thumbnail?.Add(band, Width * 3, 0, rowsDone, Width, rowsInBand);
        if (next is not null) await next.WriteAsync(halved.AsMemory(0, Halve()), cancellationToken);
        rowsDone += rowsInBand;
        rowsInBand = 0;
    }

    byte[] Encode(int column)
    {
        var size = options.TileSize;
        var rented = ArrayPool<byte>.Shared.Rent(size * size * 3);
        var tile = rented.AsSpan(0, size * size * 3);
        var left = column * size;
        var visible = Math.Min(size, Width - left);
        for (var y = 0; y < size; y++)
        {
            var to = tile.Slice(y * size * 3, size * 3);
            band.AsSpan((Math.Min(y, rowsInBand - 1) * Width + left) * 3, visible * 3).CopyTo(to);
            // Padding repeats the edge: a hard edge would cause ringing artefacts in the last visible pixels.
            for (var x = visible; x < size; x++) to.Slice((visible - 1) * 3, 3).CopyTo(to[(x * 3)..]);
        }
        var jpeg = JpegEncoders.Best.Encode(tile, size, size, PixelFormat.Rgb24, options.Quality);
        ArrayPool<byte>.Shared.Return(rented);
        return jpeg;
    }

    /// <summary>The mean of 2×2 pixels; returns the number of bytes written. A last odd row or column is dropped, as in every halved size here.</summary>
    int Halve()
    {
        var rows = Math.Min(rowsInBand / 2, next!.Height - rowsDone / 2);
        Parallel.For(0, rows, y =>
        {
            var upper = band.AsSpan(y * 2 * Width * 3, Width * 3);
            var lower = band.AsSpan((y * 2 + 1) * Width * 3, Width * 3);
            var to = halved.AsSpan(y * next.Width * 3, next.Width * 3);
            for (int x = 0, from = 0; x < to.Length; from += 6)
                for (var c = 0; c < 3; c++, x++)
                    to[x] = (byte)((upper[from + c] + upper[from + c + 3] + lower[from + c] + lower[from + c + 3] + 2) / 4);
        });
        return rows * next.Width * 3;
    }
}
