namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>The objects of one slide: all of one series of whole-slide microscopy. PS3.3 A.32.8.</summary>
static class DicomSeries
{
    const string Microscopy = "1.2.840.10008.5.1.4.1.1.77.1.6", Directory = "1.2.840.10008.1.3.10";

    // Strangers named in a message; a folder may hold a whole study of them.
    const int MostNamed = 8;

    /// <summary>Checks that the objects belong together; leaves out a DICOMDIR, which only lists them.</summary>
    /// <param name="objects">All that were given.</param>
    /// <param name="others">The numbers of those that are not DICOM at all.</param>
    /// <exception cref="SlideFormatException">There are others between them; says which and what they are.</exception>
    public static IReadOnlyList<DicomObject> Of(IReadOnlyList<DicomObject> objects, IReadOnlyList<int> others)
    {
        var slides = objects.Where(each => Class(each) != Directory).ToList();
        var series = slides.FirstOrDefault(IsMicroscopy)?.Dataset.Text(DicomTag.SeriesInstanceUid);
        var strangers = new List<(int Number, string What)>();
        strangers.AddRange(others.Select(number => (number, "is not DICOM")));
        foreach (var each in slides)
        {
            if (!IsMicroscopy(each)) strangers.Add((each.Number, $"is {Kind(each)}"));
            else if (each.Dataset.Text(DicomTag.SeriesInstanceUid) != series) strangers.Add((each.Number, "belongs to another series"));
        }
        if (strangers.Count > 0 && objects.Count + others.Count == 1)
            throw new SlideFormatException($"The object {strangers[0].What}; expected VL whole slide microscopy (SM).", slides[0].Dataset.Find(DicomTag.SopClassUid)?.Offset, DicomTag.SopClassUid);
        if (strangers.Count > 0)
            throw new SlideFormatException(
                $"The objects are not one slide: {string.Join(", ", strangers.OrderBy(each => each.Number).Take(MostNamed).Select(each => $"object {each.Number} {each.What}"))}" +
                $"{(strangers.Count > MostNamed ? $" and {strangers.Count - MostNamed} more" : "")}. Open the objects of one microscopy series alone.", tag: DicomTag.SeriesInstanceUid);
        return slides.Count > 0 ? slides : throw new SlideFormatException("The only object is a DICOMDIR, a list of other objects. Open the folder that it lies in.", tag: DicomTag.SopClassUid);
    }

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
