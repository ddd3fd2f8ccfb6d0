using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.Zip;

namespace Slidebridge.Slides.Opening;

/// <summary>
/// Of several objects, those of the slide: a folder or a zip holds reports, pictures and what file managers leave behind.
/// 1. where some are DICOM, <see cref="Formats.Dicom.DicomSeries"/> tells which belong together;
/// 2. otherwise the only TIFF is taken, or the only object that cannot be told: another program's slide, perhaps;
/// 3. what is left out is named by its number and by what it is, never by its name.
/// </summary>
static class SlideSelection
{
    // A folder may hold thousands of other files.
    const int MostNamed = 8;

    /// <exception cref="SlideFormatException">There is more than one slide, or none.</exception>
    public static SlideProbe Choose(SlideProbe probe)
    {
        if (probe.Objects.Count == 1) return probe;
        var kinds = probe.Objects.ToDictionary(each => each, ObjectKind.Of);
        if (With(ObjectRole.Dicom).Count > 0) return probe;
        var (tiff, unknown) = (With(ObjectRole.Tiff), With(ObjectRole.Unknown));
        if (tiff.Count > 1) throw new SlideFormatException($"The {probe.Objects.Count} objects are no slide together; {tiff.Count} of them are slides by themselves: open one.");
        var chosen = tiff.Count == 1 ? tiff : unknown.Count == 1 ? unknown : throw None(probe, kinds);
        probe.Warnings.Add(WarningCode.ObjectsLeftOut, $"What is no part of the slide was left out: {Named([.. probe.Objects.Except(chosen)], kinds)}.");
        return probe with { Objects = chosen, Path = null };

        List<SlideObject> With(ObjectRole role) => [.. probe.Objects.Where(each => kinds[each].Role == role)];
    }

    static SlideFormatException None(SlideProbe probe, Dictionary<SlideObject, ObjectKind> kinds) => probe.Objects.Any(each => ZipObjects.IsZip(each))
        ? new SlideFormatException("The zip or folder holds another zip, and no slide beside it. Unpack that zip, or pack the slide's files into one.")
        : new SlideFormatException($"The {probe.Objects.Count} objects are no slide together: {Named(probe.Objects, kinds)}. Expected {SlideFormats.Expected}.");

    static string Named(IReadOnlyList<SlideObject> objects, Dictionary<SlideObject, ObjectKind> kinds) =>
        string.Join(", ", objects.Take(MostNamed).Select(each => $"object {each.Number} is {kinds[each].What}")) + (objects.Count > MostNamed ? $" and {objects.Count - MostNamed} more" : "");
}
