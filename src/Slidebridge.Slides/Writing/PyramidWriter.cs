using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// Writes a pyramid of JPEG tiles as an Aperio-like TIFF or an OME-TIFF that this library, OpenSlide, Bio-Formats and libtiff read, in memory of a few bands whatever the height:
/// 1. rows come in from the top, <see cref="WriteRowsAsync"/>;
/// 2. each full band of tiles is encoded and appended, and goes halved to the next level, and so on;
/// 3. <see cref="FinishAsync"/> appends the small levels, the thumbnail and, all together at the end, the directories.
/// </summary>
public sealed class PyramidWriter : ISlideWriter
{
    // Only for what libtiff asks: photometric YCbCr, 4:2:0.
    const ushort YCbCr = 6, Jpeg = 7;

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
    /// <param name="path">Where the slide goes.</param>
    /// <param name="width">Level-0 pixels.</param>
    /// <param name="height">Level-0 pixels.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a setting that cannot work.</exception>
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

    // Classic TIFF's offsets end at 4 GiB. The pyramid adds a third to its first level.
    internal static bool IsBig(int width, int height, PyramidWriterOptions options) =>
        options.BigTiff ?? (double)width * height * 4 / 3 * WrittenPyramid.MostBytesPerPixel(options.Quality) > uint.MaxValue;

    /// <summary>Completes the slide. Without it the file is not one.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public async ValueTask FinishAsync(CancellationToken cancellationToken = default)
    {
        var thumbnail = pyramid.Finish();
        foreach (var level in levels) await level.FinishAsync(cancellationToken);
        var first = options.Kind == PyramidKind.OmeTiff ? await FinishOmeAsync(cancellationToken) : await FinishAperioAsync(thumbnail, cancellationToken);
        // Last, so that a file whose writing was interrupted does not look like a slide.
        await RandomAccess.WriteAsync(file, Header(first), 0, cancellationToken);
    }

    /// <summary>Aperio's order: the full level, the thumbnail, the other levels. Returns where the first directory is.</summary>
    async ValueTask<long> FinishAperioAsync(byte[] thumbnail, CancellationToken cancellationToken)
    {
        var (width, height) = pyramid.ThumbnailSize;
        var jpeg = JpegEncoders.Best.Encode(thumbnail, width, height, PixelFormat.Rgb24, options.Quality);
        var thumbnailAt = await sink.AppendAsync(jpeg, cancellationToken);

        var directories = new List<TiffDirectoryWriter> { await DescribeAsync(0, cancellationToken), DescribeThumbnail(thumbnailAt, jpeg.Length) };
        for (var i = 1; i < levels.Count; i++) directories.Add(await DescribeAsync(i, cancellationToken));
        var first = sink.Position + (sink.Position & 1);
        for (var i = 0; i < directories.Count; i++)
            await sink.AppendAsync(directories[i].Layout(sink.Position + (sink.Position & 1), last: i == directories.Count - 1), cancellationToken);
        return first;
    }

    /// <summary>OME's: the other levels' directories are not in the chain, but named by the full level's. Returns where that is.</summary>
    async ValueTask<long> FinishOmeAsync(CancellationToken cancellationToken)
    {
        var full = await DescribeAsync(0, cancellationToken);
        var others = new List<TiffDirectoryWriter>();
        for (var i = 1; i < levels.Count; i++) others.Add(await DescribeAsync(i, cancellationToken));
        var places = new long[others.Count];
        for (var i = 0; i < others.Count; i++) places[i] = await sink.AppendAsync(others[i].Layout(sink.Position + (sink.Position & 1), last: true), cancellationToken);
        if (places.Length > 0) full.Long(TiffTag.SubIfds, places);
        var first = sink.Position + (sink.Position & 1);
        await sink.AppendAsync(full.Layout(first, last: true), cancellationToken);
        return first;
    }

    /// <summary>Closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        file.Dispose();
        pyramid.Dispose();
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

    async ValueTask<TiffDirectoryWriter> DescribeAsync(int index, CancellationToken cancellationToken)
    {
        var (width, height) = pyramid.Sizes[index];
        var full = pyramid.Sizes[0];
        var shrunk = index == 0 ? "" : $" -> {width}x{height}";
        var directory = Describe(width, height, $"[0,0 {full.Width}x{full.Height}] ({options.TileSize}x{options.TileSize}){shrunk} JPEG/YCC Q={options.Quality}");
        directory.Long(TiffTag.TileWidth, options.TileSize);
        directory.Long(TiffTag.TileLength, options.TileSize);
        if (index == 0 && options.IccProfile is { Length: > 8 } profile) await directory.BlobAsync(TiffTag.IccProfile, profile, sink, cancellationToken);
        await directory.IndexAsync(TiffTag.TileOffsets, levels[index].Offsets, sink, cancellationToken);
        await directory.IndexAsync(TiffTag.TileByteCounts, levels[index].ByteCounts, sink, cancellationToken);
        return directory;
    }

    TiffDirectoryWriter DescribeThumbnail(long offset, long length)
    {
        var (width, height) = pyramid.ThumbnailSize;
        var directory = Describe(width, height, $"-> {width}x{height} - ");
        directory.Long(TiffTag.StripOffsets, offset);
        directory.Long(TiffTag.RowsPerStrip, height);
        directory.Long(TiffTag.StripByteCounts, length);
        return directory;
    }

    TiffDirectoryWriter Describe(int width, int height, string what)
    {
        var full = pyramid.Sizes[0];
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
        if (options.Kind == PyramidKind.OmeTiff)
        {
            var isFull = (width, height) == full;
            directory.Long(TiffTag.NewSubfileType, isFull ? 0 : 1);
            directory.Text(TiffTag.Software, "Slidebridge");
            if (isFull) directory.Text(TiffTag.ImageDescription, OmeDescription.Of(width, height, options));
            return directory;
        }
        var power = options.ObjectivePower is { } times ? string.Create(CultureInfo.InvariantCulture, $"|AppMag = {times}") : "";
        directory.Text(TiffTag.ImageDescription, string.Create(CultureInfo.InvariantCulture,
            $"Aperio Image Library v12.0.0 (Slidebridge) \r\n{full.Width}x{full.Height} {what}{power}|MPP = {(options.Mpp + (options.MppY ?? options.Mpp)) / 2}"));
        return directory;
    }
}
