using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// Writes a slide as a DICOM series (VL Whole Slide Microscopy, PS3.3 A.32.8) into a folder, in memory of a few bands whatever the height:
/// 1. rows come in from the top, <see cref="WriteRowsAsync"/>;
/// 2. each full band of tiles is encoded (JPEG Baseline, YBR_FULL_422, TILED_FULL) and appended to its level's file, and goes halved to the next level;
/// 3. <see cref="FinishAsync"/> completes the files and adds the thumbnail, the label and the overview.
/// </summary>
/// <remarks>The files are <c>level-0.dcm</c>, <c>level-1.dcm</c>, …, <c>thumbnail.dcm</c>, <c>label.dcm</c>, <c>overview.dcm</c>.</remarks>
public sealed class DicomSeriesWriter : ISlideWriter
{
    readonly string folder;
    readonly DicomSeriesWriterOptions options;
    readonly DicomDescription description;
    readonly WrittenPyramid pyramid;
    readonly List<DicomInstanceWriter> levels = [];

    DicomSeriesWriter(string folder, int width, int height, DicomSeriesWriterOptions options)
    {
        this.folder = folder;
        this.options = options;
        var created = options.Created ?? (options.Seed is null ? DateTimeOffset.UtcNow : new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
        description = new DicomDescription(options, new DicomUids(options.Seed), created);
        try
        {
            pyramid = new WrittenPyramid(width, height, options.Pyramid, (index, size) =>
            {
                var (mpp, mppY) = (options.Pyramid.Mpp, options.Pyramid.MppY ?? options.Pyramid.Mpp);
                var type = index == 0 ? @"ORIGINAL\PRIMARY\VOLUME\NONE" : @"DERIVED\PRIMARY\VOLUME\RESAMPLED";
                var tile = options.Pyramid.TileSize;
                levels.Add(Create(new DicomPart($"level-{index}", type, index + 1, size.Width, size.Height, tile, tile, ((double)width / size.Width * mpp, (double)height / size.Height * mppY))));
                return levels[^1];
            });
        }
        catch
        {
            foreach (var level in levels) level.Dispose();
            throw;
        }
    }

    /// <summary>Creates the folder where it is missing and the levels' files in it, replacing those of the same names.</summary>
    /// <param name="folder">Where the series goes.</param>
    /// <param name="width">Level-0 pixels, at most 500 000.</param>
    /// <param name="height">Level-0 pixels.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a setting that cannot work.</exception>
    /// <exception cref="IOException">A file cannot be created.</exception>
    public static DicomSeriesWriter Create(string folder, int width, int height, DicomSeriesWriterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new DicomSeriesWriterOptions();
        options.Validate();
        WrittenPyramid.Check(width, height, options.Pyramid);
        Directory.CreateDirectory(folder);
        return new DicomSeriesWriter(folder, width, height, options);
    }

    /// <inheritdoc/>
    public int Width => pyramid.Sizes[0].Width;

    /// <inheritdoc/>
    public int Height => pyramid.Sizes[0].Height;

    /// <inheritdoc/>
    public ValueTask WriteRowsAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken = default) => pyramid.WriteRowsAsync(rows, cancellationToken);

    /// <summary>Completes the series. Without it its files are no DICOM.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public async ValueTask FinishAsync(CancellationToken cancellationToken = default)
    {
        var (width, height) = pyramid.ThumbnailSize;
        var thumbnail = new Raster(width, height, PixelFormat.Rgb24, pyramid.Finish());
        foreach (var level in levels) await level.FinishAsync(cancellationToken);
        var number = levels.Count;
        await WriteImageAsync("thumbnail", @"DERIVED\PRIMARY\THUMBNAIL\RESAMPLED", thumbnail, ++number, cancellationToken);
        if (options.Label is { } label) await WriteImageAsync("label", @"ORIGINAL\PRIMARY\LABEL\NONE", label, ++number, cancellationToken);
        if (options.Overview is { } overview) await WriteImageAsync("overview", @"ORIGINAL\PRIMARY\OVERVIEW\NONE", overview, ++number, cancellationToken);
    }

    /// <summary>Closes the files.</summary>
    public ValueTask DisposeAsync()
    {
        foreach (var level in levels) level.Dispose();
        pyramid.Dispose();
        return default;
    }

    async Task WriteImageAsync(string name, string type, Raster picture, int number, CancellationToken cancellationToken)
    {
        // The thumbnail shows the slide, of which the size is known; of a label and an overview it is not, and a slide's short edge of 25 mm is near.
        var (full, mpp, mppY) = (pyramid.Sizes[0], options.Pyramid.Mpp, options.Pyramid.MppY ?? options.Pyramid.Mpp);
        var isThumbnail = type.Contains("THUMBNAIL", StringComparison.Ordinal);
        var spacing = isThumbnail ? (mpp * full.Width / picture.Width, mppY * full.Height / picture.Height) : (25_000.0 / picture.Height, 25_000.0 / picture.Height);
        using var file = Create(new DicomPart(name, type, number, picture.Width, picture.Height, picture.Width, picture.Height, spacing));
        await file.WriteAsync(0, JpegEncoders.Best.Encode(picture.Pixels, picture.Width, picture.Height, picture.Format, options.Pyramid.Quality), cancellationToken);
        await file.FinishAsync(cancellationToken);
    }

    DicomInstanceWriter Create(DicomPart part)
    {
        var most = WrittenPyramid.MostBytesPerPixel(options.Pyramid.Quality) * part.Frames * part.TileWidth * part.TileHeight;
        return new DicomInstanceWriter(Path.Combine(folder, part.Name + ".dcm"), description, part, options.ExtendedOffsetTable ?? most > uint.MaxValue);
    }
}
