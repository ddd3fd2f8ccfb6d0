namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>What an instance of a microscopy series shows. PS3.3 C.8.12.4.1.1, value 3 of ImageType.</summary>
enum DicomFlavor
{
    /// <summary>A level of the pyramid, scanned or resampled.</summary>
    Volume,
    Label,
    Overview,
    Thumbnail,
}

/// <summary>One instance of a microscopy series, with checked sizes.</summary>
sealed record DicomInstance
{
    // Scanners write tiles of 240 pixels and more; tests may use small ones. With tiles of 1×1, reading a region would mostly be overhead.
    const int SmallestTile = 8;

    public required DicomObject Object { get; init; }
    public required DicomFlavor Flavor { get; init; }

    /// <summary>Pixels of the whole picture, without the padding of its last frames.</summary>
    public required int Width { get; init; }
    public required int Height { get; init; }
    public required DicomPixels Pixels { get; init; }

    /// <summary>Frames in this object.</summary>
    public required int Frames { get; init; }
    public required bool IsTiledFull { get; init; }

    /// <summary>The instance number, for a stable order of otherwise equal instances; the largest integer if absent.</summary>
    public required long Number { get; init; }

    public string? ConcatenationUid => Object.Dataset.Text(DicomTag.ConcatenationUid);

    public int Columns => (int)(((long)Width + Pixels.Columns - 1) / Pixels.Columns);

    public int Rows => (int)(((long)Height + Pixels.Rows - 1) / Pixels.Rows);

    public static DicomInstance Of(DicomObject slide)
    {
        var dataset = slide.Dataset;
        if (slide.Pixels is not { } stored) throw new SlideFormatException("The object has no pixels. It is truncated or incomplete: copy it again.", slide.Source.Length, DicomTag.PixelData);
        var pixels = DicomPixels.Of(dataset, slide.Syntax);
        var width = dataset.Size(DicomTag.TotalPixelMatrixColumns, 1, int.MaxValue, missing: pixels.Columns);
        var height = dataset.Size(DicomTag.TotalPixelMatrixRows, 1, int.MaxValue, missing: pixels.Rows);
        var instance = new DicomInstance
        {
            Object = slide,
            Flavor = FlavorOf(dataset),
            Width = width,
            Height = height,
            Pixels = pixels,
            Frames = dataset.Size(DicomTag.NumberOfFrames, 1, int.MaxValue, missing: 1),
            IsTiledFull = dataset.Text(DicomTag.DimensionOrganizationType) == "TILED_FULL"
                || (slide.Positions is null && width <= pixels.Columns && height <= pixels.Rows),
            Number = dataset.Integer(DicomTag.InstanceNumber) ?? long.MaxValue,
        };
        if ((pixels.Columns < SmallestTile && instance.Columns > 1) || (pixels.Rows < SmallestTile && instance.Rows > 1))
            throw new SlideFormatException($"The frames are {pixels.Columns}×{pixels.Rows}; expected at least {SmallestTile}×{SmallestTile}.", dataset.Offset, DicomTag.Columns);
        CheckNative(instance, stored);
        return instance;
    }

    /// <summary>The positions of this object's frames. Nothing is read yet.</summary>
    public FrameIndex OpenFrames()
    {
        var (offset, length) = Object.Pixels!.Value;
        return Object.Syntax.IsEncapsulated
            ? new LateFrames(token => EncapsulatedFrames.OpenAsync(Object, offset, length, Frames, token))
            : new NativeFrames(Object.Source, offset, Pixels.FrameBytes);
    }

    static DicomFlavor FlavorOf(DicomDataset dataset) => dataset.Text(DicomTag.ImageType, 2) switch
    {
        "VOLUME" or null => DicomFlavor.Volume,
        "LABEL" => DicomFlavor.Label,
        "OVERVIEW" or "LOCALIZER" => DicomFlavor.Overview,
        "THUMBNAIL" => DicomFlavor.Thumbnail,
        _ => throw new SlideFormatException($"{DicomTag.Name(DicomTag.ImageType)} is not a slide's; expected VOLUME, LABEL, OVERVIEW or THUMBNAIL as its third value.", dataset.Find(DicomTag.ImageType)!.Offset, DicomTag.ImageType),
    };

    static void CheckNative(DicomInstance instance, (long Offset, long Length) stored)
    {
        if (instance.Object.Syntax.IsEncapsulated || instance.Pixels.Unsupported is not null) return;
        if (stored.Length < 0) throw new SlideFormatException("Native pixels have an undefined length. The object is damaged.", stored.Offset, DicomTag.PixelData);
        var needed = (Int128)instance.Frames * instance.Pixels.FrameBytes;
        var there = Math.Min(stored.Length, instance.Object.Source.Length - stored.Offset);
        if (needed > there)
            throw new SlideFormatException($"{instance.Frames} frames of {instance.Pixels.FrameBytes} bytes need {needed} bytes; the pixels have {there}. The object is damaged or truncated: copy it again.", stored.Offset, DicomTag.PixelData);
    }
}

/// <summary>An index that is read for the first requested frame: a picture may never be requested.</summary>
sealed class LateFrames(Func<CancellationToken, Task<FrameIndex>> open) : FrameIndex
{
    FrameIndex? opened;

    public override async ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken)
    {
        var frames = Volatile.Read(ref opened);
        // Two readers may both open the index; all then use the one that was stored first.
        if (frames is null)
        {
            var mine = await open(cancellationToken);
            frames = Interlocked.CompareExchange(ref opened, mine, null) ?? mine;
        }
        return await frames.LocateAsync(frame, cancellationToken);
    }
}
