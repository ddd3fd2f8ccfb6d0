using Slidebridge.Slides.Tiles;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// The levels and the thumbnail of a slide while it is written, for any container: rows of level 0 are added from the top,
/// and the encoded tiles of every level are passed to its sink, in memory for a few bands of rows.
/// </summary>
sealed class WrittenPyramid : IDisposable
{
    readonly AreaAverage thumbnail;
    readonly List<LevelWriter> writers = [];
    long rowsWritten;

    /// <param name="width">Level-0 pixels.</param>
    /// <param name="height">Level-0 pixels.</param>
    /// <param name="options">Already checked.</param>
    /// <param name="sinkOf">Creates the sink of a level from its index and size; called from level 0 on.</param>
    public WrittenPyramid(int width, int height, PyramidWriterOptions options, Func<int, (int Width, int Height), ILevelSink> sinkOf)
    {
        Options = options;
        var sizes = new List<(int Width, int Height)> { (width, height) };
        while (Math.Max(sizes[^1].Width, sizes[^1].Height) / 2 >= options.SmallestLevel && Math.Min(sizes[^1].Width, sizes[^1].Height) >= 2)
            sizes.Add((sizes[^1].Width / 2, sizes[^1].Height / 2));
        Sizes = sizes;

        var scale = Math.Min(1, (double)options.ThumbnailEdge / Math.Max(width, height));
        ThumbnailSize = (Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
        var from = sizes.FindLastIndex(size => size.Width >= ThumbnailSize.Width && size.Height >= ThumbnailSize.Height);
        thumbnail = new AreaAverage(sizes[from].Width, sizes[from].Height, ThumbnailSize.Width, ThumbnailSize.Height);
        var sinks = sizes.Select((size, index) => sinkOf(index, size)).ToList();
        for (var i = sizes.Count - 1; i >= 0; i--)
            writers.Insert(0, new LevelWriter(sizes[i].Width, sizes[i].Height, options, sinks[i], writers.FirstOrDefault(), i == from ? thumbnail : null));
    }

    public PyramidWriterOptions Options { get; }

    /// <summary>The sizes of the levels, the largest first.</summary>
    public IReadOnlyList<(int Width, int Height)> Sizes { get; }

    public (int Width, int Height) ThumbnailSize { get; }

    /// <summary>The number of tiles of a level of this size.</summary>
    public static int Tiles((int Width, int Height) size, int tileSize) =>
        checked((int)(((long)size.Width + tileSize - 1) / tileSize * (((long)size.Height + tileSize - 1) / tileSize)));

    /// <summary>An upper bound for the encoded bytes of tissue; at the highest qualities, noise needs as many bytes as its pixels.</summary>
    public static double MostBytesPerPixel(int quality) => quality > 90 ? 3 : 0.75;

    /// <summary>Throws if a size or a setting is out of range.</summary>
    public static void Check(int width, int height, PyramidWriterOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        // A band of the widest level must fit into one array.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 500_000);
        options.Validate();
    }

    public async ValueTask WriteRowsAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        var (width, height) = Sizes[0];
        var rowBytes = width * 3;
        if (rows.Length % rowBytes != 0) throw new ArgumentException($"A row of {width} pixels has {rowBytes} bytes; {rows.Length} bytes are not a whole number of rows.", nameof(rows));
        if ((rowsWritten += rows.Length / rowBytes) > height) throw new ArgumentException($"The slide has {height} rows; {rowsWritten} were written.", nameof(rows));
        await writers[0].WriteAsync(rows, cancellationToken);
    }

    /// <summary>Call after all rows: the thumbnail as Rgb24.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public byte[] Finish()
    {
        if (rowsWritten != Sizes[0].Height) throw new InvalidOperationException($"The slide has {Sizes[0].Height} rows; only {rowsWritten} were written.");
        var pixels = new byte[ThumbnailSize.Width * ThumbnailSize.Height * 3];
        thumbnail.Finish(pixels);
        return pixels;
    }

    public void Dispose() => thumbnail.Dispose();
}
