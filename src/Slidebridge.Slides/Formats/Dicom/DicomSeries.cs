namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Chooses the objects of one slide, all of one series of whole-slide microscopy (PS3.3 A.32.8):
/// 1. a DICOMDIR only lists the other objects, and is ignored;
/// 2. if there is another slide beside them, opening fails, because it is not clear which one is meant;
/// 3. annotations, reports and other objects are left out, with a warning;
/// 4. if an object is there twice, one copy is taken.
/// </summary>
static class DicomSeries
{
    const string Microscopy = "1.2.840.10008.5.1.4.1.1.77.1.6", Directory = "1.2.840.10008.1.3.10";

    // Maximum number of other objects that a message names; a folder may hold a whole study.
    const int MostNamed = 8;

    /// <param name="objects">All given objects that are DICOM.</param>
    /// <param name="others">The objects that are not DICOM.</param>
    /// <param name="warnings">Receives a warning about the objects that are left out.</param>
    /// <exception cref="SlideFormatException">The objects are several slides, or no slide; the message names them.</exception>
    public static IReadOnlyList<DicomObject> Of(IReadOnlyList<DicomObject> objects, IReadOnlyList<SlideObject> others, SlideWarnings warnings)
    {
        var series = objects.FirstOrDefault(IsMicroscopy)?.Dataset.Text(DicomTag.SeriesInstanceUid);
        List<(int Number, string What)> slides = [.. others.Where(ObjectKind.IsTiff).Select(other => (other.Number, "is a separate slide"))];
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
            throw new SlideFormatException("The only object is a DICOMDIR, which only lists other objects. Open the folder that contains it.", tag: DicomTag.SopClassUid);
        if (slides.Count > 0 || members.Count == 0)
            throw new SlideFormatException($"The objects are not one slide: {Name([.. slides, .. leftOut])}. Open only the objects of one microscopy series.", tag: DicomTag.SeriesInstanceUid);
        members = WithoutCopies(members, leftOut);
        if (leftOut.Count > 0) warnings.Add(WarningCode.ObjectsLeftOut, $"Objects that do not belong to the slide were left out: {Name(leftOut)}.");
        return members;
    }

    /// <summary>
    /// Two objects with one SOPInstanceUID are the same object (PS3.3 C.12.1.1), copied or sent twice: the longer is kept, because a copy may be truncated.
    /// But some writers give one UID to all objects of a slide, so what the objects show is compared too.
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

    // A modality has at most 16 capitals, digits, spaces and underscores (CS, PS3.5 §6.2): a message does not repeat any other value.
    static string Kind(DicomObject slide) => slide.Dataset.Text(DicomTag.Modality) switch
    {
        "SM" => "microscopy (SM), but not of a whole slide",
        { Length: <= 16 } modality when modality.All(letter => letter is ' ' or '_' or (>= '0' and <= '9') or (>= 'A' and <= 'Z')) => modality,
        _ => "of an unknown modality",
    };
}
