namespace Slidebridge.Slides.Writing;

/// <summary>
/// Writes a slide as a DICOM series (VL Whole Slide Microscopy, PS3.3 A.32.8) into a folder, in memory for a few bands of rows, for any height:
/// 1. rows are passed from the top to <see cref="WriteRowsAsync"/>;
/// 2. each complete band of tiles is encoded (JPEG Baseline, YBR_FULL_422, TILED_FULL) and appended to its level's file, then halved for the next level;
/// 3. <see cref="FinishAsync"/> completes the files and adds the thumbnail, the label and the overview.
/// </summary>
/// <remarks>The files are <c>level-0.dcm</c>, <c>level-1.dcm</c>, …, <c>thumbnail.dcm</c>, <c>label.dcm</c>, <c>overview.dcm</c>.</remarks>
public sealed class DicomSeriesWriter : ISlideWriter
{
    readonly DicomSeriesFiles files;
    readonly WrittenPyramid pyramid;
    readonly List<DicomInstanceWriter> levels = [];

    DicomSeriesWriter(string folder, int width, int height, DicomSeriesWriterOptions options)
    {
        files = new DicomSeriesFiles(folder, options, width, height);
        try
        {
            pyramid = new WrittenPyramid(width, height, options.Pyramid, (index, size) =>
            {
                var tile = options.Pyramid.TileSize;
                var most = WrittenPyramid.MostBytesPerPixel(options.Pyramid.Quality) * WrittenPyramid.Tiles(size, tile) * tile * tile;
                levels.Add(files.CreateLevel(index, size.Width, size.Height, tile, tile, new FrameKind(false, 2, 2), most > uint.MaxValue));
                return levels[^1];
            });
        }
        catch
        {
            foreach (var level in levels) level.Dispose();
            throw;
        }
    }

    /// <summary>Creates the folder if it is missing, and the levels' files in it; files with the same names are replaced.</summary>
    /// <param name="folder">The folder for the series.</param>
    /// <param name="width">Level-0 pixels, at most 500 000.</param>
    /// <param name="height">Level-0 pixels.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a setting is out of range.</exception>
    /// <exception cref="IOException">A file cannot be created.</exception>
    public static DicomSeriesWriter Create(string folder, int width, int height, DicomSeriesWriterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new DicomSeriesWriterOptions();
        options.Validate();
        WrittenPyramid.Check(width, height, options.Pyramid);
        return new DicomSeriesWriter(folder, width, height, options);
    }

    /// <inheritdoc/>
    public int Width => pyramid.Sizes[0].Width;

    /// <inheritdoc/>
    public int Height => pyramid.Sizes[0].Height;

    /// <inheritdoc/>
    public ValueTask WriteRowsAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken = default) => pyramid.WriteRowsAsync(rows, cancellationToken);

    /// <summary>Completes the series. Without this call the files are not valid DICOM.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public async ValueTask FinishAsync(CancellationToken cancellationToken = default)
    {
        var (width, height) = pyramid.ThumbnailSize;
        var thumbnail = new Raster(width, height, PixelFormat.Rgb24, pyramid.Finish());
        foreach (var level in levels) await level.FinishAsync(cancellationToken);
        await files.WritePicturesAsync(levels.Count, thumbnail, cancellationToken);
    }

    /// <summary>Closes the files.</summary>
    public ValueTask DisposeAsync()
    {
        foreach (var level in levels) level.Dispose();
        pyramid.Dispose();
        return default;
    }
}
