using System.Text;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Opens a series of whole-slide microscopy (PS3.3 A.32.8) from its objects in any order:
/// 1. each object is read up to its pixels, several at a time;
/// 2. the objects of one series are the slide; other objects are named in a warning or an error;
/// 3. parts of a concatenation are joined;
/// 4. volume images become the levels, the others the associated images.
/// </summary>
sealed class DicomFormat : ISlideFormat
{
    // Headers read at the same time: over a network each needs one or two round trips.
    const int ReadAtOnce = 8;

    // ICC profiles have half a kilobyte to some megabytes.
    const long LargestProfile = 32L * 1024 * 1024;

    static readonly (DicomFlavor Flavor, string Name)[] AssociatedNames = [(DicomFlavor.Label, "label"), (DicomFlavor.Overview, "macro"), (DicomFlavor.Thumbnail, "thumbnail")];

    // They include what identifies the slide and the patient, as every other format's properties do.
    static readonly int[] Described =
    [
        DicomTag.ImageType, DicomTag.SopInstanceUid, DicomTag.StudyInstanceUid, DicomTag.SeriesInstanceUid, DicomTag.StudyDate, DicomTag.StudyTime,
        DicomTag.ContentDate, DicomTag.ContentTime, DicomTag.AcquisitionDateTime, DicomTag.AccessionNumber, DicomTag.Modality, DicomTag.Manufacturer,
        DicomTag.ManufacturerModelName, DicomTag.DeviceSerialNumber, DicomTag.SoftwareVersions, DicomTag.SeriesDescription, DicomTag.SeriesNumber,
        DicomTag.PatientName, DicomTag.PatientId, DicomTag.ContainerIdentifier, DicomTag.PhotometricInterpretation, DicomTag.DimensionOrganizationType,
        DicomTag.LossyImageCompressionMethod, DicomTag.LossyImageCompressionRatio,
    ];

    public string Name => "DICOM whole slide microscopy";

    public async ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken)
    {
        var known = probe.Objects.Where(DicomParser.Knows).ToList();
        if (known.Count == 0) return null;
        var objects = new DicomObject[known.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, known.Count), parallel, async (i, token) =>
            objects[i] = await NamingAsync(probe, known[i].Number, () => DicomParser.ReadAsync(known[i], token)));

        var others = probe.Objects.Except(known).ToList();
        var instances = new List<DicomInstance>();
        foreach (var each in DicomSeries.Of(objects, others, probe.Warnings))
            instances.Add(await NamingAsync(probe, each.Number, () => Task.FromResult(DicomInstance.Of(each))));

        var images = new List<DicomImage>();
        foreach (var parts in instances.GroupBy(each => each.ConcatenationUid ?? $"object {each.Object.Number}"))
            images.Add(await NamingAsync(probe, parts.First().Object.Number, () => Task.FromResult(DicomImage.Of([.. parts]))));
        images = [.. images.OrderBy(image => image.Instance.Number).ThenBy(image => image.Instance.Object.Number)];
        return Arrange(images, probe);
    }

    static SlideContent Arrange(List<DicomImage> images, SlideProbe probe)
    {
        var volumes = images.Where(image => image.Instance.Flavor == DicomFlavor.Volume).ToList();
        if (volumes.Count == 0)
            throw new SlideFormatException("None of the objects is a level of the slide (VOLUME in ImageType): they are its label, overview or thumbnail. Open the slide with all of its objects.", tag: DicomTag.ImageType);
        var pyramid = DicomPyramid.Of(volumes, probe.Options);
        if (pyramid.Others.Count > 0)
            probe.Warnings.Add(WarningCode.OtherPictures, $"Object(s) {string.Join(", ", pyramid.Others.Select(image => image.Instance.Object.Number))} show another region than the largest picture; they are ignored.");
        if (pyramid.Doubtful.Count > 0)
            probe.Warnings.Add(WarningCode.ResolutionDoubtful, $"Object(s) {string.Join(", ", pyramid.Doubtful.Select(image => image.Instance.Object.Number))} have the size of levels, but their pixel spacing belongs to another region; they are used as levels.");
        if (pyramid.FocalPlanes.Count > 1) probe.Warnings.AddFocalPlanes(pyramid.FocalPlanes.Count, probe.Options.FocalPlane);
        if (pyramid.OpticalPaths.Count > 1)
            probe.Warnings.Add(WarningCode.OtherPictures, $"The slide was scanned with {pyramid.OpticalPaths.Count} optical paths; number {pyramid.OpticalPaths.TakeWhile(each => each.Identifier != pyramid.Levels[0].Path).Count() + 1} is shown.");

        var associated = new Dictionary<string, TileSource>();
        foreach (var (flavor, name) in AssociatedNames)
            if (images.Find(image => image.Instance.Flavor == flavor) is { } image)
                associated[name] = DicomTiles.Of(image.Layers[0], -1, image.Instance, probe.Warnings);

        var top = pyramid.Levels[0];
        if (top.Image.StatedPlanes > pyramid.FocalPlanes.Count)
            probe.Warnings.Add(WarningCode.ObjectsLeftOut, $"The slide states {top.Image.StatedPlanes} focal planes, but its objects contain {pyramid.FocalPlanes.Count}.");
        var path = top.Image.OpticalPath(top.Path);
        return new SlideContent
        {
            Format = "dicom-wsi",
            Levels = [.. pyramid.Levels.Select((layer, index) => DicomTiles.Of(layer, index, top.Image.Instance, probe.Warnings))],
            AssociatedImages = associated,
            Mpp = top.Image.Mpp,
            ObjectivePower = path?.Number(DicomTag.ObjectiveLensPower) is > 0 and var power ? power : null,
            Properties = Describe(top.Image.Dataset),
            OpticalPaths = pyramid.OpticalPaths,
            FocalPlanes = pyramid.FocalPlanes,
            ReadIccProfile = (path?.Find(DicomTag.IccProfile) ?? top.Image.Dataset.Find(DicomTag.IccProfile)) is { Length: > 0 } profile
                ? token => ReadProfileAsync(top.Image.Instance.Object.Source, profile, token)
                : null,
        };
    }

    static Dictionary<string, string> Describe(DicomDataset dataset)
    {
        var properties = new Dictionary<string, string>();
        var encoding = dataset.Text(DicomTag.SpecificCharacterSet, 0) == "ISO_IR 192" ? Encoding.UTF8 : Encoding.Latin1;
        foreach (var tag in Described)
            if (dataset.Text(tag, encoding) is { } text)
                properties["dicom." + DicomTag.Keyword(tag)] = text;
        if (dataset.Item(DicomTag.SpecimenDescriptionSequence)?.Text(DicomTag.SpecimenIdentifier, encoding) is { } specimen)
            properties["dicom." + DicomTag.Keyword(DicomTag.SpecimenIdentifier)] = specimen;
        return properties;
    }

    static async Task<byte[]?> ReadProfileAsync(ByteSource source, DicomElement profile, CancellationToken cancellationToken)
    {
        if (profile.Length > LargestProfile)
            throw new SlideFormatException($"{DicomTag.Name(DicomTag.IccProfile)} has {profile.Length} bytes; at most {LargestProfile} are read.", profile.Offset, DicomTag.IccProfile);
        var bytes = new byte[profile.Length];
        await source.ReadAsync(profile.Offset, bytes, cancellationToken);
        return bytes;
    }

    /// <summary>Adds the object's number to a failure, if there are several objects.</summary>
    static async Task<T> NamingAsync<T>(SlideProbe probe, int number, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (SlideFormatException e) when (probe.Single is null)
        {
            throw new SlideFormatException($"Object {number}: {e.Message}", e.Offset, e.Tag, e);
        }
    }
}
