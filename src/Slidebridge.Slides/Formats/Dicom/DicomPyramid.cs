namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Finds the levels of one optical path and focal plane, and the other paths and planes that could be chosen:
/// 1. the volume images are grouped by size, the largest first; images of another region are recognised by their physical size;
/// 2. the layers (optical path × depth) of each size are put in order, without duplicates;
/// 3. level 0 defines which paths and planes there are; the same one is taken from each other size.
/// </summary>
sealed class DicomPyramid
{
    // Levels of one pyramid are rounded by a pixel or cropped at a tile; a picture of another region has another aspect ratio.
    const double SameShape = 0.1;

    // Depths are written in micrometres with a few decimals.
    const double SameDepth = 0.01;

    // The pixel spacing of a level is that of level 0 times its downsample, rounded; another region has the spacing of level 0 and fewer pixels.
    const double SamePlace = 0.15;

    DicomPyramid(IReadOnlyList<DicomLayer> levels, IReadOnlyList<DicomLayer> top, IReadOnlyList<DicomImage> others)
    {
        (Levels, Others) = (levels, others);
        OpticalPaths = [.. top.Select(layer => layer.Path).Distinct().Select(path => new OpticalPath(path, Description(top.First(layer => layer.Path == path))))];
        FocalPlanes = [.. top.Where(layer => layer.Path == levels[0].Path).Select((layer, index) => new FocalPlane(index, layer.Depth))];
    }

    /// <summary>The chosen layer of each size.</summary>
    public IReadOnlyList<DicomLayer> Levels { get; }

    /// <summary>Volume images that cover another region than level 0.</summary>
    public IReadOnlyList<DicomImage> Others { get; }

    /// <summary>Images that are levels by their size, but cover another region by their pixel spacing.</summary>
    public IReadOnlyList<DicomImage> Doubtful => [.. Levels.Skip(1).Select(layer => layer.Image).Where(image => !image.IsResampled && MeasuresOtherwise(Levels[0].Image, image))];

    public IReadOnlyList<OpticalPath> OpticalPaths { get; }

    /// <summary>The focal planes of the chosen optical path.</summary>
    public IReadOnlyList<FocalPlane> FocalPlanes { get; }

    /// <exception cref="SlideFormatException">Two images show the same, one is not a reduced copy, or the optical path or focal plane that the options name does not exist.</exception>
    public static DicomPyramid Of(IReadOnlyList<DicomImage> volumes, SlideOptions options)
    {
        var largest = volumes.MaxBy(image => (long)image.Instance.Width * image.Instance.Height)!;
        var others = volumes.Where(image => !IsOfPlace(largest, image)).ToList();
        var sizes = volumes.Except(others)
            .GroupBy(image => (image.Instance.Width, image.Instance.Height))
            .OrderByDescending(size => (long)size.Key.Width * size.Key.Height).ThenByDescending(size => size.Key.Width)
            .Select(size => InOrder([.. size])).ToList();

        var top = sizes[0];
        var path = options.OpticalPath ?? top[0].Path;
        var planes = top.Where(layer => layer.Path == path).ToList();
        if (planes.Count == 0)
            throw new SlideFormatException($"The slide has no optical path with the identifier in SlideOptions.OpticalPath. It has {top.Select(layer => layer.Path).Distinct().Count()} optical path(s); Slide.OpticalPaths lists them.", tag: DicomTag.OpticalPathIdentifier);
        if (options.FocalPlane >= planes.Count)
            throw new SlideFormatException($"The slide has {planes.Count} focal plane(s), numbered from 0; SlideOptions.FocalPlane is {options.FocalPlane}.", tag: DicomTag.TotalPixelMatrixFocalPlanes);
        var chosen = planes[options.FocalPlane];

        var levels = new List<DicomLayer> { chosen };
        foreach (var size in sizes.Skip(1))
        {
            var same = size.Where(layer => layer.Path == path).ToList();
            CheckShape(chosen.Image.Instance, size[0].Image.Instance);
            var layer = same.Count == planes.Count
                ? same[options.FocalPlane]
                : same.Find(each => each.Depth is { } depth && chosen.Depth is { } wanted && Math.Abs(depth - wanted) < SameDepth);
            if (layer is not null) levels.Add(layer);
        }
        return new DicomPyramid(levels, top, others);
    }

    /// <summary>The layers of images of one size: paths in the order of the objects, depths upwards.</summary>
    static List<DicomLayer> InOrder(List<DicomImage> images)
    {
        var layers = images.SelectMany(image => image.Layers).ToList();
        var seen = new Dictionary<(string, double?, int, DicomImage?), DicomLayer>();
        foreach (var layer in layers)
        {
            // Planes of unknown depth are distinguished only within their image, or between images that state that each is one of several.
            var key = (layer.Path, layer.Depth, layer.Depth is null ? layer.Plane : 0, layer.Depth is null && layer.Image.StatedPlanes > 0 ? layer.Image : null);
            if (seen.TryAdd(key, layer)) continue;
            var (one, other) = (seen[key].Image.Instance, layer.Image.Instance);
            throw new SlideFormatException(
                one == other
                    ? $"Object {one.Object.Number} contains the same optical path and focal plane twice. It is damaged."
                    : $"Objects {one.Object.Number} and {other.Object.Number} are both {one.Width}×{one.Height} of the same optical path and focal plane. It is not clear which one belongs to the slide: open it without one of them.", tag: DicomTag.TotalPixelMatrixColumns);
        }
        var paths = layers.Select(layer => layer.Path).Distinct().ToList();
        return [.. paths.SelectMany(path => layers.Where(layer => layer.Path == path).OrderBy(layer => layer.Depth))];
    }

    static void CheckShape(DicomInstance full, DicomInstance level)
    {
        double across = (double)full.Width / level.Width, down = (double)full.Height / level.Height;
        // In a small level, one pixel is a large fraction.
        var rounding = 2.0 / Math.Min(level.Width, level.Height);
        if (Math.Abs(across / down - 1) > SameShape + rounding)
            throw new SlideFormatException($"Object {level.Object.Number} is {level.Width}×{level.Height}, which is not a reduced copy of object {full.Object.Number} of {full.Width}×{full.Height}. They show different regions: open each one separately.", tag: DicomTag.TotalPixelMatrixColumns);
    }

    /// <summary>True if an image's pixel spacing and size give another region than level 0's.</summary>
    static bool MeasuresOtherwise(DicomImage full, DicomImage level) => full.Mpp is { } fine && level.Mpp is { } coarse
        && Math.Abs(coarse.X * level.Instance.Width / (fine.X * full.Instance.Width) - 1) > SamePlace + 2.0 / level.Instance.Width;

    static bool IsOfPlace(DicomImage full, DicomImage level)
    {
        if (!MeasuresOtherwise(full, level)) return true;
        // Some writers give all levels the same spacing; the size of another region is hardly ever an exact fraction of this one's.
        var factor = (double)full.Instance.Width / level.Instance.Width;
        return Math.Round(factor) >= 2 && Math.Abs(factor - Math.Round(factor)) <= 2.0 / level.Instance.Width * factor;
    }

    static string? Description(DicomLayer layer) => layer.Image.OpticalPath(layer.Path)?.Text(DicomTag.OpticalPathDescription);
}
