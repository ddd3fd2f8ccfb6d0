namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>One optical path and focal plane of an image.</summary>
/// <param name="Image">The image.</param>
/// <param name="Path">The optical path's identifier.</param>
/// <param name="Plane">Its index among the image's focal planes, from 0.</param>
/// <param name="Depth">Micrometres from the slide's reference plane; null if not stated.</param>
/// <param name="Layout">Its frames.</param>
sealed record DicomLayer(DicomImage Image, string Path, int Plane, double? Depth, FrameLayout Layout);

/// <summary>One picture: an instance, or the joined instances of a concatenation.</summary>
sealed class DicomImage
{
    // A small object must not claim a level with so many empty tiles that checking them takes a day.
    const long TilesWithoutFrame = 256 * 1024, TilesPerFrame = 256;

    const int MostPlanes = 4096, MostPaths = 1024;

    DicomImage(IReadOnlyList<DicomInstance> parts, IReadOnlyList<int> firsts, long frames)
    {
        Parts = parts;
        Frames = frames;
        Index = parts is [var only] ? only.OpenFrames() : new ConcatenatedFrames([.. parts.Select((part, i) => ((long)firsts[i], part.OpenFrames()))]);
        Layers = Instance.IsTiledFull ? FullLayers() : SparseLayers(firsts);
    }

    /// <summary>The parts in order, at least one.</summary>
    public IReadOnlyList<DicomInstance> Parts { get; }

    /// <summary>The first part. Its description of the picture applies to all parts.</summary>
    public DicomInstance Instance => Parts[0];

    public DicomDataset Dataset => Instance.Object.Dataset;

    /// <summary>The number of frames of all parts.</summary>
    public long Frames { get; }

    public FrameIndex Index { get; }

    /// <summary>The layers by optical path, in the object's order, then by focal plane.</summary>
    public IReadOnlyList<DicomLayer> Layers { get; }

    /// <summary>The stated number of focal planes in all objects of the slide, if this one holds fewer; 0 if it holds all of them.</summary>
    public int StatedPlanes { get; private set; }

    /// <summary>Joins the parts of one concatenation, or takes one instance by itself.</summary>
    /// <exception cref="SlideFormatException">A part or a frame is missing, or a part does not fit the others.</exception>
    public static DicomImage Of(IReadOnlyList<DicomInstance> instances)
    {
        var parts = Concatenation.Arrange(instances);
        var firsts = new List<int>();
        long frames = 0;
        foreach (var part in parts)
        {
            firsts.Add((int)Math.Min(frames, int.MaxValue));
            frames += part.Frames;
        }
        return new DicomImage(parts, firsts, frames);
    }

    /// <summary>The item that describes this optical path; null if the object has none with this name.</summary>
    public DicomDataset? OpticalPath(string identifier) =>
        Dataset.Items(DicomTag.OpticalPathSequence).FirstOrDefault(item => item.Text(DicomTag.OpticalPathIdentifier) == identifier);

    DicomDataset? Shared => Dataset.Item(DicomTag.SharedFunctionalGroupsSequence);

    public DicomDataset? PixelMeasures => Shared?.Item(DicomTag.PixelMeasuresSequence);

    /// <summary>The size of a pixel. Pixel spacing is in millimetres, the distance between rows first: PS3.3 10.7.1.3. The size of the imaged volume is in millimetres too.</summary>
    public MicronsPerPixel? Mpp
    {
        get
        {
            var measures = PixelMeasures;
            if (measures?.Number(DicomTag.PixelSpacing, 0) is { } down && measures.Number(DicomTag.PixelSpacing, 1) is { } across
                && MicronsPerPixel.IfPlausible(across * 1000, down * 1000) is { } spacing) return spacing;
            return Dataset.Number(DicomTag.ImagedVolumeWidth) is { } width && Dataset.Number(DicomTag.ImagedVolumeHeight) is { } height
                ? MicronsPerPixel.IfPlausible(width * 1000 / Instance.Width, height * 1000 / Instance.Height)
                : null;
        }
    }

    /// <summary>True if the image states that it was derived from a larger picture. PS3.3 C.8.12.4.1.1, value 4 of ImageType.</summary>
    public bool IsResampled => Dataset.Text(DicomTag.ImageType, 3) == "RESAMPLED";

    List<DicomLayer> FullLayers()
    {
        var tiles = (long)Instance.Columns * Instance.Rows;
        var described = Dataset.Items(DicomTag.OpticalPathSequence).Select((item, i) => item.Text(DicomTag.OpticalPathIdentifier) ?? $"{i + 1}").ToList();
        var paths = Dataset.Size(DicomTag.NumberOfOpticalPaths, 1, MostPaths, missing: Math.Max(1, described.Count));
        // Objects written before 2019 do not state their number of planes.
        var planes = Dataset.Size(DicomTag.TotalPixelMatrixFocalPlanes, 1, MostPlanes, missing: (int)Math.Clamp(Frames / Math.Max(1, tiles * paths), 1, MostPlanes));
        // A plane may be a separate object, which states the number of all planes.
        var held = Frames / Math.Max(1, tiles * paths);
        if (held >= 1 && held < planes && held * tiles * paths == Frames) (planes, StatedPlanes) = ((int)held, planes);
        var needed = (Int128)tiles * paths * planes;
        if (needed != Frames)
            throw new SlideFormatException(
                $"The object has {Frames} frames; {Instance.Columns}×{Instance.Rows} tiles, {paths} optical path(s) and {planes} focal plane(s) need {needed}. It is incomplete: export it again, with all parts of a concatenation.",
                Dataset.Find(DicomTag.NumberOfFrames)?.Offset ?? Dataset.Offset, DicomTag.NumberOfFrames);

        var depth = Dataset.Item(DicomTag.TotalPixelMatrixOriginSequence)?.Number(DicomTag.ZOffset)
            ?? Shared?.Item(DicomTag.PlanePositionSlideSequence)?.Number(DicomTag.ZOffset);
        var spacing = PixelMeasures?.Number(DicomTag.SpacingBetweenSlices) * 1000;
        var layers = new List<DicomLayer>();
        for (var path = 0; path < paths; path++)
            for (var plane = 0; plane < planes; plane++)
            {
                // The spacing is in millimetres, the offset in micrometres: PS3.3 C.7.6.16.2.1 and C.8.12.6.1.
                var at = planes == 1 ? depth : (depth ?? 0) + spacing * plane;
                layers.Add(new DicomLayer(this, path < described.Count ? described[path] : $"{path + 1}", plane, at,
                    new FullLayout(((long)path * planes + plane) * tiles, Instance.Columns)));
            }
        return layers;
    }

    List<DicomLayer> SparseLayers(IReadOnlyList<int> firsts)
    {
        if ((long)Instance.Columns * Instance.Rows > TilesWithoutFrame + TilesPerFrame * Frames)
            throw new SlideFormatException($"{Frames} frames lie in a matrix of {Instance.Columns}×{Instance.Rows} tiles, nearly all of it empty. The object is damaged.", Dataset.Find(DicomTag.TotalPixelMatrixColumns)?.Offset, DicomTag.TotalPixelMatrixColumns);
        var shared = Shared?.Item(DicomTag.OpticalPathIdentificationSequence)?.Text(DicomTag.OpticalPathIdentifier)
            ?? Dataset.Item(DicomTag.OpticalPathSequence)?.Text(DicomTag.OpticalPathIdentifier) ?? "1";
        var layouts = new Dictionary<(string Path, double? Depth), SparseLayout>();
        for (var part = 0; part < Parts.Count; part++) SparseFrames.Place(Parts[part], firsts[part], shared, layouts);

        var order = Dataset.Items(DicomTag.OpticalPathSequence).Select(item => item.Text(DicomTag.OpticalPathIdentifier)).ToList();
        var layers = new List<DicomLayer>();
        foreach (var path in layouts.GroupBy(each => each.Key.Path).OrderBy(each => (uint)order.IndexOf(each.Key)))
            layers.AddRange(path.OrderBy(each => each.Key.Depth).Select((each, plane) => new DicomLayer(this, path.Key, plane, each.Key.Depth, each.Value)));
        return layers;
    }
}
