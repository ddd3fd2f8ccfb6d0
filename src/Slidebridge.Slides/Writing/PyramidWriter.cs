using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// Writes a pyramid of JPEG tiles as an Aperio-like TIFF or an OME-TIFF that this library, OpenSlide, Bio-Formats and libtiff read, in memory for a few bands of rows, for any height:
/// 1. rows are passed from the top to <see cref="WriteRowsAsync"/>;
/// 2. each complete band of tiles is encoded and appended, then halved for the next level, and so on;
/// 3. <see cref="FinishAsync"/> appends the small levels, the thumbnail and, together at the end, the directories.
/// </summary>
public sealed class PyramidWriter : ISlideWriter
{
    readonly SafeFileHandle file;
    readonly PyramidWriterOptions options;
    readonly TileSink sink;
    readonly List<TiffLevelSink> levels = [];
    readonly WrittenPyramid pyramid;
    readonly bool big;

    PyramidWriter(SafeFileHandle file, int width, int height, PyramidWriterOptions options)
    {
        this.file = file;
        this.options = options;
        big = IsBig(width, height, options);
        sink = new TileSink(file, big ? 16 : 8, big ? long.MaxValue : uint.MaxValue);
        pyramid = new WrittenPyramid(width, height, options, (_, size) =>
        {
            levels.Add(new TiffLevelSink(sink, WrittenPyramid.Tiles(size, options.TileSize), (long)size.Width * size.Height));
            return levels[^1];
        });
    }

    /// <summary>Creates or replaces a file.</summary>
    /// <param name="path">The slide's file.</param>
    /// <param name="width">Level-0 pixels.</param>
    /// <param name="height">Level-0 pixels.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a setting is out of range.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static PyramidWriter Create(string path, int width, int height, PyramidWriterOptions? options = null)
    {
        options ??= new PyramidWriterOptions();
        WrittenPyramid.Check(width, height, options);
        return new PyramidWriter(File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None), width, height, options);
    }

    /// <inheritdoc/>
    public int Width => pyramid.Sizes[0].Width;

    /// <inheritdoc/>
    public int Height => pyramid.Sizes[0].Height;

    /// <inheritdoc/>
    public ValueTask WriteRowsAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken = default) => pyramid.WriteRowsAsync(rows, cancellationToken);

    // Classic TIFF's offsets end at 4 GiB. The smaller levels add a third to the first level.
    internal static bool IsBig(int width, int height, PyramidWriterOptions options) =>
        options.BigTiff ?? (double)width * height * 4 / 3 * WrittenPyramid.MostBytesPerPixel(options.Quality) > uint.MaxValue;

    /// <summary>Completes the slide. Without this call the file is not a valid slide.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public async ValueTask FinishAsync(CancellationToken cancellationToken = default)
    {
        var (width, height) = pyramid.ThumbnailSize;
        var thumbnail = new Raster(width, height, PixelFormat.Rgb24, pyramid.Finish());
        foreach (var level in levels) await level.FinishAsync(cancellationToken);
        var written = pyramid.Sizes.Select((size, index) => new WrittenLevel(size.Width, size.Height, options.TileSize, options.TileSize, levels[index]));
        // Use only features that libtiff supports: photometric YCbCr, 4:2:0.
        await new PyramidDirectories(sink, big, options, [.. written], new FrameKind(false, 2, 2), $"JPEG/YCC Q={options.Quality}").WriteAsync(thumbnail, cancellationToken);
    }

    /// <summary>Closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        file.Dispose();
        pyramid.Dispose();
        return default;
    }
}
