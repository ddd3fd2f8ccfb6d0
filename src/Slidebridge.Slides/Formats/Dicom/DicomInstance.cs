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

/// <summary>Checked sizes of one instance of a microscopy series.</summary>
sealed record DicomInstance
{
    // A scanner's tiles are 240 and more; a test's may be small. A region of tiles of 1×1 would be all bookkeeping.
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

    /// <summary>For a stable order of what else is alike; the largest number where it has none.</summary>
    public required long Number { get; init; }

    public string? ConcatenationUid => Object.Dataset.Text(DicomTag.ConcatenationUid);

    public int Columns => (int)(((long)Width + Pixels.Columns - 1) / Pixels.Columns);

    public int Rows => (int)(((long)Height + Pixels.Rows - 1) / Pixels.Rows);

    public static DicomInstance Of(DicomObject slide)
    {
        var dataset = slide.Dataset;
        if (slide.Pixels is not { } stored) throw new SlideFormatException("The object has no pixels. It was cut short or is incomplete: copy it again.", slide.Source.Length, DicomTag.PixelData);
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

    /// <summary>Where this object's frames lie, without reading anything yet.</summary>
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
        _ => throw new SlideFormatException($"{DicomTag.Name(DicomTag.ImageType)} is of no kind that a slide has; expected VOLUME, LABEL, OVERVIEW or THUMBNAIL as its third value.", dataset.Find(DicomTag.ImageType)!.Offset, DicomTag.ImageType),
    };

    static void CheckNative(DicomInstance instance, (long Offset, long Length) stored)
    {
        if (instance.Object.Syntax.IsEncapsulated || instance.Pixels.Unsupported is not null) return;
        if (stored.Length < 0) throw new SlideFormatException("Native pixels have an undefined length. The object is damaged.", stored.Offset, DicomTag.PixelData);
        var needed = (Int128)instance.Frames * instance.Pixels.FrameBytes;
        var there = Math.Min(stored.Length, instance.Object.Source.Length - stored.Offset);
        if (needed > there)
            throw new SlideFormatException($"{instance.Frames} frames of {instance.Pixels.FrameBytes} bytes take {needed}; the pixels have {there}. The object is damaged or was cut short: copy it again.", stored.Offset, DicomTag.PixelData);
    }
}

/// <summary>An index that is read when the first frame is asked for: an object may hold a picture that nobody looks at.</summary>
sealed class LateFrames(Func<CancellationToken, Task<FrameIndex>> open) : FrameIndex
{
    FrameIndex? opened;

    public override async ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken)
    {
        var frames = Volatile.Read(ref opened);
        // Two readers may both open it; all go on with the one that came first.
        if (frames is null)
        {
            var mine = await open(cancellationToken);
            frames = Interlocked.CompareExchange(ref opened, mine, null) ?? mine;
        }
        return await frames.LocateAsync(frame, cancellationToken);
    }
}
