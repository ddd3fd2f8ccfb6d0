namespace Slidebridge.Slides.Writing;

/// <summary>
/// Copies a slide into another format without decoding its tiles, so that there is no further lossy encoding. It works only if all levels are baseline JPEG tiles of one kind
/// with edges that are multiples of 16, no tile is missing, and the smallest level is an overview.
/// </summary>
public static class FrameCopy
{
    // Besides tiles, a TIFF contains indices, a thumbnail and a profile.
    const long Beside = 64L * 1024 * 1024;

    /// <summary>Copies to a TIFF. <see cref="PyramidWriterOptions.TileSize"/> and <see cref="PyramidWriterOptions.SmallestLevel"/> are taken from the slide; <see cref="PyramidWriterOptions.Quality"/> is the thumbnail's.</summary>
    /// <param name="slide">The source; it stays open.</param>
    /// <param name="path">The file; created or replaced.</param>
    /// <param name="options">The options.</param>
    /// <param name="level">The level that becomes the copy's level 0.</param>
    /// <param name="progress">Receives 0 to 1.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    /// <returns>False if the tiles cannot be copied unchanged: then the written file is not a slide.</returns>
    /// <exception cref="SlideFormatException">A tile is damaged.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task<bool> TryCopyFramesAsync(this Slide slide, string path, PyramidWriterOptions options, int level = 0, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (await FindAsync(slide, level, cancellationToken) is not { } frames) return false;
        var big = options.BigTiff ?? frames.Bytes + Beside > uint.MaxValue;
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        var sink = new TileSink(file, big ? 16 : 8, big ? long.MaxValue : uint.MaxValue);
        var written = new List<WrittenLevel>();
        var done = 0L;
        foreach (var each in frames.Levels)
        {
            var index = new TiffLevelSink(sink, each.Columns * each.Rows, (long)each.Width * each.Height);
            if (!await frames.WriteAsync(each, index, Took, cancellationToken)) return false;
            written.Add(new WrittenLevel(each.Width, each.Height, each.TileWidth, each.TileHeight, index));
        }
        foreach (var each in written) await each.Index.FinishAsync(cancellationToken);
        var thumbnail = await slide.GetThumbnailAsync(options.ThumbnailEdge, options.ThumbnailEdge, cancellationToken);
        await new PyramidDirectories(sink, big, options, written, frames.Kind, frames.Kind.IsRgb ? "JPEG/RGB" : "JPEG/YCC").WriteAsync(thumbnail, cancellationToken);
        return true;

        void Took(long bytes) => progress?.Report(Math.Min(1, (done += bytes) / (double)Math.Max(1, frames.Bytes)));
    }

    /// <summary>Copies to a DICOM series whose frames are the slide's tiles, with the tile sizes of the slide. The conditions are the same as for a TIFF.</summary>
    /// <param name="slide">The source; it stays open.</param>
    /// <param name="folder">Created if it is missing.</param>
    /// <param name="options">The options. The last of <see cref="DicomSeriesWriterOptions.LossySteps"/> is the encoding of these tiles: the copy adds none.</param>
    /// <param name="level">The level that becomes the copy's level 0.</param>
    /// <param name="progress">Receives 0 to 1.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    /// <returns>False if the tiles cannot be copied unchanged: then the written files are not a series.</returns>
    /// <exception cref="SlideFormatException">A tile is damaged.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task<bool> TryCopyFramesAsync(this Slide slide, string folder, DicomSeriesWriterOptions options, int level = 0, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (await FindAsync(slide, level, cancellationToken) is not { } frames) return false;
        // The last step is the encoding of these tiles; its ratio is computed again when they are written.
        var files = new DicomSeriesFiles(folder, options with { LossySteps = [.. options.LossySteps.SkipLast(1)] }, frames.Levels[0].Width, frames.Levels[0].Height);
        var done = 0L;
        foreach (var each in frames.Levels)
        {
            using var instance = files.CreateLevel(each.Index - level, each.Width, each.Height, each.TileWidth, each.TileHeight, frames.Kind, frames.Bytes > uint.MaxValue);
            if (!await frames.WriteAsync(each, instance, Took, cancellationToken)) return false;
            await instance.FinishAsync(cancellationToken);
        }
        await files.WritePicturesAsync(frames.Levels.Count, await slide.GetThumbnailAsync(options.Pyramid.ThumbnailEdge, options.Pyramid.ThumbnailEdge, cancellationToken), cancellationToken);
        return true;

        void Took(long bytes) => progress?.Report(Math.Min(1, (done += bytes) / (double)Math.Max(1, frames.Bytes)));
    }

    static Task<StoredFrames?> FindAsync(Slide slide, int level, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slide);
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, slide.Levels.Count);
        return StoredFrames.FindAsync(slide, level, cancellationToken);
    }
}
