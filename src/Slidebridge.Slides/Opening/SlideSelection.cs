using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.Zip;

namespace Slidebridge.Slides.Opening;

/// <summary>
/// Chooses the slide among several objects: a folder or a zip may also contain reports, pictures and files of file managers.
/// 1. if some are DICOM, <see cref="Formats.Dicom.DicomSeries"/> decides which belong together;
/// 2. otherwise the only TIFF is chosen, or the only object of unknown kind, which may be another vendor's slide;
/// 3. the other objects are named in a warning by number and kind, never by name.
/// </summary>
static class SlideSelection
{
    // A folder may hold thousands of other files.
    const int MostNamed = 8;

    /// <exception cref="SlideFormatException">There is more than one slide, or no slide.</exception>
    public static SlideProbe Choose(SlideProbe probe)
    {
        if (probe.Objects.Count == 1) return probe;
        var kinds = probe.Objects.ToDictionary(each => each, ObjectKind.Of);
        if (With(ObjectRole.Dicom).Count > 0) return probe;
        var (tiff, unknown) = (With(ObjectRole.Tiff), With(ObjectRole.Unknown));
        if (tiff.Count > 1) throw new SlideFormatException($"The {probe.Objects.Count} objects are not one slide; {tiff.Count} of them are separate slides: open only one.");
        var chosen = tiff.Count == 1 ? tiff : unknown.Count == 1 ? unknown : throw None(probe, kinds);
        probe.Warnings.Add(WarningCode.ObjectsLeftOut, $"Objects that do not belong to the slide were left out: {Named([.. probe.Objects.Except(chosen)], kinds)}.");
        return probe with { Objects = chosen, Path = null };

        List<SlideObject> With(ObjectRole role) => [.. probe.Objects.Where(each => kinds[each].Role == role)];
    }

    static SlideFormatException None(SlideProbe probe, Dictionary<SlideObject, ObjectKind> kinds) => probe.Objects.Any(each => ZipObjects.IsZip(each))
        ? new SlideFormatException("The zip or folder contains another zip, but no slide. Unpack that zip, or pack the slide's files into one zip.")
        : new SlideFormatException($"The {probe.Objects.Count} objects are not a slide: {Named(probe.Objects, kinds)}. Expected {SlideFormats.Expected}.");

    static string Named(IReadOnlyList<SlideObject> objects, Dictionary<SlideObject, ObjectKind> kinds) =>
        string.Join(", ", objects.Take(MostNamed).Select(each => $"object {each.Number} is {kinds[each].What}")) + (objects.Count > MostNamed ? $" and {objects.Count - MostNamed} more" : "");
}
