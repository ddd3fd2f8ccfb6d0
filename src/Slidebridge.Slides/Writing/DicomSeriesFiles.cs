using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Writing;

/// <summary>The files of a series while it is written: one for each level, then one for each associated image.</summary>
sealed class DicomSeriesFiles
{
    readonly string folder;
    readonly DicomSeriesWriterOptions options;
    readonly DicomDescription description;
    readonly int width, height;

    /// <param name="folder">Created if it is missing.</param>
    /// <param name="options">Already checked.</param>
    /// <param name="width">Level-0 pixels.</param>
    /// <param name="height">Level-0 pixels.</param>
    public DicomSeriesFiles(string folder, DicomSeriesWriterOptions options, int width, int height)
    {
        (this.folder, this.options, this.width, this.height) = (folder, options, width, height);
        var created = options.Created ?? (options.Seed is null ? DateTimeOffset.UtcNow : new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
        description = new DicomDescription(options, new DicomUids(options.Seed), created);
        Directory.CreateDirectory(folder);
    }

    /// <param name="index">0 for the full level.</param>
    /// <param name="levelWidth">Pixels.</param>
    /// <param name="levelHeight">Pixels.</param>
    /// <param name="tileWidth">Pixels of a frame.</param>
    /// <param name="tileHeight">Pixels of a frame.</param>
    /// <param name="frames">The kind of JPEG of the frames.</param>
    /// <param name="large">True if its pixels could exceed 4 GB.</param>
    public DicomInstanceWriter CreateLevel(int index, int levelWidth, int levelHeight, int tileWidth, int tileHeight, FrameKind frames, bool large)
    {
        var (mpp, mppY) = (options.Pyramid.Mpp, options.Pyramid.MppY ?? options.Pyramid.Mpp);
        var type = index == 0 ? @"ORIGINAL\PRIMARY\VOLUME\NONE" : @"DERIVED\PRIMARY\VOLUME\RESAMPLED";
        return Create(new DicomPart($"level-{index}", type, index + 1, levelWidth, levelHeight, tileWidth, tileHeight, ((double)width / levelWidth * mpp, (double)height / levelHeight * mppY)) { Frame = frames }, large);
    }

    /// <summary>Writes the thumbnail, the label and the overview.</summary>
    public async Task WritePicturesAsync(int levels, Raster thumbnail, CancellationToken cancellationToken)
    {
        var number = levels;
        await WritePictureAsync("thumbnail", @"DERIVED\PRIMARY\THUMBNAIL\RESAMPLED", thumbnail, ++number, cancellationToken);
        if (options.Label is { } label) await WritePictureAsync("label", @"ORIGINAL\PRIMARY\LABEL\NONE", label, ++number, cancellationToken);
        if (options.Overview is { } overview) await WritePictureAsync("overview", @"ORIGINAL\PRIMARY\OVERVIEW\NONE", overview, ++number, cancellationToken);
    }

    async Task WritePictureAsync(string name, string type, Raster picture, int number, CancellationToken cancellationToken)
    {
        // The thumbnail shows the slide, whose physical size is known. For a label and an overview it is not known; a slide's short edge of 25 mm is a good estimate.
        var (mpp, mppY) = (options.Pyramid.Mpp, options.Pyramid.MppY ?? options.Pyramid.Mpp);
        var isThumbnail = type.Contains("THUMBNAIL", StringComparison.Ordinal);
        var spacing = isThumbnail ? (mpp * width / picture.Width, mppY * height / picture.Height) : (25_000.0 / picture.Height, 25_000.0 / picture.Height);
        using var file = Create(new DicomPart(name, type, number, picture.Width, picture.Height, picture.Width, picture.Height, spacing), large: false);
        await file.WriteAsync(0, JpegEncoders.Best.Encode(picture.Pixels, picture.Width, picture.Height, picture.Format, options.Pyramid.Quality), cancellationToken);
        await file.FinishAsync(cancellationToken);
    }

    DicomInstanceWriter Create(DicomPart part, bool large) => new(Path.Combine(folder, part.Name + ".dcm"), description, part, options.ExtendedOffsetTable ?? large);
}
