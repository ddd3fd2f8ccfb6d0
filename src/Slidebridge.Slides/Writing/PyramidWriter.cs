using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// Writes a pyramid of JPEG tiles as an Aperio-like TIFF that this library, OpenSlide and libtiff read, in memory of a few bands whatever the height:
/// 1. rows come in from the top, <see cref="WriteRowsAsync"/>;
/// 2. each full band of tiles is encoded and appended, and goes halved to the next level, and so on;
/// 3. <see cref="FinishAsync"/> appends the small levels, the thumbnail and, all together at the end, the directories.
/// </summary>
public sealed class PyramidWriter : IAsyncDisposable
{
    // Classic TIFF's offsets end at 4 GiB. Half a byte a pixel is above what JPEG needs for tissue, and the pyramid adds a third.
    const double BytesPerPixel = 0.5 * 4 / 3;

    // Only for what libtiff asks: photometric YCbCr, 4:2:0.
    const ushort YCbCr = 6, Jpeg = 7;

    readonly SafeFileHandle file;
    readonly PyramidWriterOptions options;
    readonly TileSink sink;
    readonly List<LevelWriter> levels = [];
    readonly AreaAverage thumbnail;
    readonly int thumbnailWidth, thumbnailHeight;
    readonly bool big;
    long rowsWritten;

    PyramidWriter(SafeFileHandle file, int width, int height, PyramidWriterOptions options)
    {
        this.file = file;
        this.options = options;
        big = options.BigTiff ?? (double)width * height * BytesPerPixel > uint.MaxValue;
        sink = new TileSink(file, big ? 16 : 8);

        var sizes = new List<(int Width, int Height)> { (width, height) };
        while (Math.Max(sizes[^1].Width, sizes[^1].Height) / 2 >= options.SmallestLevel && Math.Min(sizes[^1].Width, sizes[^1].Height) >= 2)
            sizes.Add((sizes[^1].Width / 2, sizes[^1].Height / 2));

        var scale = Math.Min(1, (double)options.ThumbnailEdge / Math.Max(width, height));
        thumbnailWidth = Math.Max(1, (int)Math.Round(width * scale));
        thumbnailHeight = Math.Max(1, (int)Math.Round(height * scale));
        var from = sizes.FindLastIndex(size => size.Width >= thumbnailWidth && size.Height >= thumbnailHeight);
        thumbnail = new AreaAverage(sizes[from].Width, sizes[from].Height, thumbnailWidth, thumbnailHeight);
        for (var i = sizes.Count - 1; i >= 0; i--)
            levels.Insert(0, new LevelWriter(sizes[i].Width, sizes[i].Height, options, sink, levels.FirstOrDefault(), i == from ? thumbnail : null));
    }

    /// <summary>Creates or replaces a file.</summary>
    /// <param name="path">Where the slide goes.</param>
    /// <param name="width">Level-0 pixels.</param>
    /// <param name="height">Level-0 pixels.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a setting that cannot work.</exception>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static PyramidWriter Create(string path, int width, int height, PyramidWriterOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        // A band of the widest level must fit one array.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 500_000);
        options ??= new PyramidWriterOptions();
        options.Validate();
        return new PyramidWriter(File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None), width, height, options);
    }

    /// <summary>Appends rows of level 0 from the top down.</summary>
    /// <param name="rows">Rgb24, shape [any number of rows, width, 3].</param>
    /// <param name="cancellationToken">Stops between bands.</param>
    /// <exception cref="ArgumentException">Not whole rows, or more than the height.</exception>
    public async ValueTask WriteRowsAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken = default)
    {
        var rowBytes = levels[0].Width * 3;
        if (rows.Length % rowBytes != 0) throw new ArgumentException($"A row of {levels[0].Width} pixels takes {rowBytes} bytes; {rows.Length} bytes are not whole rows.", nameof(rows));
        if ((rowsWritten += rows.Length / rowBytes) > levels[0].Height) throw new ArgumentException($"The slide has {levels[0].Height} rows; {rowsWritten} were written.", nameof(rows));
        await levels[0].WriteAsync(rows, cancellationToken);
    }

    /// <summary>Completes the slide. Without it the file is not one.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public async ValueTask FinishAsync(CancellationToken cancellationToken = default)
    {
        if (rowsWritten != levels[0].Height) throw new InvalidOperationException($"The slide has {levels[0].Height} rows; only {rowsWritten} were written.");
        foreach (var level in levels) await level.FinishAsync(cancellationToken);
        var pixels = new byte[thumbnailWidth * thumbnailHeight * 3];
        thumbnail.Finish(pixels);
        var jpeg = JpegEncoders.Best.Encode(pixels, thumbnailWidth, thumbnailHeight, PixelFormat.Rgb24, options.Quality);
        var thumbnailAt = await sink.AppendAsync(jpeg, cancellationToken);

        // Aperio's order: the full level, the thumbnail, the other levels.
        var directories = new List<TiffDirectoryWriter> { Describe(levels[0]), DescribeThumbnail(thumbnailAt, jpeg.Length) };
        directories.AddRange(levels.Skip(1).Select(Describe));
        var first = sink.Position + (sink.Position & 1);
        for (var i = 0; i < directories.Count; i++)
            await sink.AppendAsync(directories[i].Layout(sink.Position + (sink.Position & 1), last: i == directories.Count - 1), cancellationToken);
        // Last, so that a file whose writing was interrupted does not look like a slide.
        await RandomAccess.WriteAsync(file, Header(first), 0, cancellationToken);
    }

    /// <summary>Closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        file.Dispose();
        thumbnail.Dispose();
        return default;
    }

    byte[] Header(long first)
    {
        var header = new byte[big ? 16 : 8];
        "II"u8.CopyTo(header);
        header[2] = (byte)(big ? 43 : 42);
        if (big) header[4] = 8;
        if (big) BitConverter.TryWriteBytes(header.AsSpan(8), first);
        else BitConverter.TryWriteBytes(header.AsSpan(4), checked((uint)first));
        return header;
    }

    TiffDirectoryWriter Describe(LevelWriter level)
    {
        var full = levels[0];
        var size = $"{full.Width}x{full.Height}";
        var shrunk = level == full ? "" : $" -> {level.Width}x{level.Height}";
        var directory = Describe(level.Width, level.Height, $"[0,0 {size}] ({options.TileSize}x{options.TileSize}){shrunk} JPEG/YCC Q={options.Quality}");
        directory.Long(TiffTag.TileWidth, options.TileSize);
        directory.Long(TiffTag.TileLength, options.TileSize);
        directory.Long(TiffTag.TileOffsets, level.Offsets);
        directory.Long(TiffTag.TileByteCounts, level.ByteCounts);
        return directory;
    }

    TiffDirectoryWriter DescribeThumbnail(long offset, long length)
    {
        var directory = Describe(thumbnailWidth, thumbnailHeight, $"-> {thumbnailWidth}x{thumbnailHeight} - ");
        directory.Long(TiffTag.StripOffsets, offset);
        directory.Long(TiffTag.RowsPerStrip, thumbnailHeight);
        directory.Long(TiffTag.StripByteCounts, length);
        return directory;
    }

    TiffDirectoryWriter Describe(int width, int height, string what)
    {
        var directory = new TiffDirectoryWriter(big);
        directory.Long(TiffTag.NewSubfileType, 0);
        directory.Long(TiffTag.ImageWidth, width);
        directory.Long(TiffTag.ImageLength, height);
        directory.Short(TiffTag.BitsPerSample, 8, 8, 8);
        directory.Short(TiffTag.Compression, Jpeg);
        directory.Short(TiffTag.Photometric, YCbCr);
        directory.Short(TiffTag.SamplesPerPixel, 3);
        directory.Short(TiffTag.PlanarConfiguration, 1);
        directory.Short(TiffTag.YCbCrSubsampling, 2, 2);
        directory.Text(TiffTag.ImageDescription, string.Create(CultureInfo.InvariantCulture,
            $"Aperio Image Library v12.0.0 (Slidebridge) \r\n{levels[0].Width}x{levels[0].Height} {what}|AppMag = {options.ObjectivePower}|MPP = {options.Mpp}"));
        return directory;
    }
}
