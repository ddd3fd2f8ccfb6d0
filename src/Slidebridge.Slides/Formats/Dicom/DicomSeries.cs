namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// The objects of one slide, all of one series of whole-slide microscopy (PS3.3 A.32.8):
/// 1. a DICOMDIR only lists the others, and is left out;
/// 2. another slide beside them is refused, for which one is meant cannot be told;
/// 3. annotations, reports and whatever else is no slide are left out, with a warning;
/// 4. of an object that is there twice, one.
/// </summary>
static class DicomSeries
{
    const string Microscopy = "1.2.840.10008.5.1.4.1.1.77.1.6", Directory = "1.2.840.10008.1.3.10";

    // Strangers named in a message; a folder may hold a whole study of them.
    const int MostNamed = 8;

    /// <param name="objects">All that were given and are DICOM.</param>
    /// <param name="others">Those that are not.</param>
    /// <param name="warnings">Told what was left out.</param>
    /// <exception cref="SlideFormatException">They are several slides, or none; says which and what they are.</exception>
    public static IReadOnlyList<DicomObject> Of(IReadOnlyList<DicomObject> objects, IReadOnlyList<SlideObject> others, SlideWarnings warnings)
    {
        var series = objects.FirstOrDefault(IsMicroscopy)?.Dataset.Text(DicomTag.SeriesInstanceUid);
        List<(int Number, string What)> slides = [.. others.Where(ObjectKind.IsTiff).Select(other => (other.Number, "is a slide by itself"))];
        List<(int Number, string What)> leftOut = [.. others.Where(other => !ObjectKind.IsTiff(other)).Select(other => (other.Number, $"is {ObjectKind.Of(other).What}"))];
        var members = new List<DicomObject>();
        foreach (var each in objects)
        {
            if (Class(each) == Directory) continue;
            if (!IsMicroscopy(each)) leftOut.Add((each.Number, $"is {Kind(each)}"));
            else if (each.Dataset.Text(DicomTag.SeriesInstanceUid) != series) slides.Add((each.Number, "belongs to another series"));
            else members.Add(each);
        }
        if (members.Count == 0 && leftOut is [var only] && objects.Count + others.Count == 1)
            throw new SlideFormatException($"The object {only.What}; expected VL whole slide microscopy (SM).", objects[0].Dataset.Find(DicomTag.SopClassUid)?.Offset, DicomTag.SopClassUid);
        if (members.Count == 0 && leftOut.Count == 0)
            throw new SlideFormatException("The only object is a DICOMDIR, a list of other objects. Open the folder that it lies in.", tag: DicomTag.SopClassUid);
        if (slides.Count > 0 || members.Count == 0)
            throw new SlideFormatException($"The objects are not one slide: {Name([.. slides, .. leftOut])}. Open the objects of one microscopy series alone.", tag: DicomTag.SeriesInstanceUid);
        members = WithoutCopies(members, leftOut);
        if (leftOut.Count > 0) warnings.Add(WarningCode.ObjectsLeftOut, $"What is no part of the slide was left out: {Name(leftOut)}.");
        return members;
    }

    /// <summary>
    /// Two objects of one SOPInstanceUID are one object (PS3.3 C.12.1.1), which somebody copied or sent twice: the longer is kept, for a copy may be cut short.
    /// Writers that give one UID to all of a slide's objects are no rarer, so what they show counts too.
    /// </summary>
    static List<DicomObject> WithoutCopies(List<DicomObject> members, List<(int Number, string What)> leftOut)
    {
        var kept = new List<DicomObject>();
        foreach (var copies in members.GroupBy(Shows))
        {
            if (copies.Key.Uid is null)
            {
                kept.AddRange(copies);
                continue;
            }
            var longest = copies.MaxBy(each => each.Source.Length)!;
            kept.Add(longest);
            leftOut.AddRange(copies.Where(each => each != longest).Select(each => (each.Number, $"is a copy of object {longest.Number}")));
        }
        return [.. kept.OrderBy(each => each.Number)];
    }

    static (string? Uid, string? Kind, long? Columns, long? Rows, long? Frames, long? Part, string Paths, double? Depth) Shows(DicomObject each)
    {
        var dataset = each.Dataset;
        return (dataset.Text(DicomTag.SopInstanceUid), dataset.Text(DicomTag.ImageType), dataset.Integer(DicomTag.TotalPixelMatrixColumns), dataset.Integer(DicomTag.TotalPixelMatrixRows),
            dataset.Integer(DicomTag.NumberOfFrames), dataset.Integer(DicomTag.InConcatenationNumber),
            string.Join('\\', dataset.Items(DicomTag.OpticalPathSequence).Select(path => path.Text(DicomTag.OpticalPathIdentifier))),
            dataset.Item(DicomTag.TotalPixelMatrixOriginSequence)?.Number(DicomTag.ZOffset));
    }

    static string Name(List<(int Number, string What)> strangers) =>
        string.Join(", ", strangers.OrderBy(each => each.Number).Take(MostNamed).Select(each => $"object {each.Number} {each.What}"))
        + (strangers.Count > MostNamed ? $" and {strangers.Count - MostNamed} more" : "");

    static string? Class(DicomObject slide) => slide.Dataset.Text(DicomTag.SopClassUid);

    static bool IsMicroscopy(DicomObject slide) => Class(slide) == Microscopy || (Class(slide) is null && slide.Dataset.Text(DicomTag.Modality) == "SM");

    // A modality is at most 16 capitals, digits, spaces and underscores (CS, PS3.5 §6.2): what is anything else is not repeated.
    static string Kind(DicomObject slide) => slide.Dataset.Text(DicomTag.Modality) switch
    {
        "SM" => "microscopy (SM) of another kind than whole slides",
        { Length: <= 16 } modality when modality.All(letter => letter is ' ' or '_' or (>= '0' and <= '9') or (>= 'A' and <= 'Z')) => modality,
        _ => "of an unknown modality",
    };
}
