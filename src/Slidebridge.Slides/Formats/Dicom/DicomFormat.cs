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
        var others = probe.Objects.Except(known).ToList();
        IReadOnlyList<ContentPart> withheld = [];
        if (probe.Options.WithholdLabels) (known, withheld) = await WithholdAsync(probe, known, cancellationToken);
        if (known.Count == 0) throw NoLevels();
        var objects = new DicomObject[known.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, known.Count), parallel, async (i, token) =>
            objects[i] = await NamingAsync(probe, known[i].Number, () => DicomParser.ReadAsync(known[i], token)));

        var instances = new List<DicomInstance>();
        foreach (var each in DicomSeries.Of(objects, others, probe.Warnings))
            instances.Add(await NamingAsync(probe, each.Number, () => Task.FromResult(DicomInstance.Of(each))));

        var images = new List<DicomImage>();
        foreach (var parts in instances.GroupBy(each => each.ConcatenationUid ?? $"object {each.Object.Number}"))
            images.Add(await NamingAsync(probe, parts.First().Object.Number, () => Task.FromResult(DicomImage.Of([.. parts]))));
        images = [.. images.OrderBy(image => image.Instance.Number).ThenBy(image => image.Instance.Object.Number)];
        var content = Arrange(images, probe);
        return content with { Parts = [.. content.Parts, .. withheld] };
    }

    /// <summary>
    /// Reads each object only as far as necessary to see whether it is a label or an overview. Nothing more is read of those. The others are read as usual from then on.
    /// </summary>
    /// <returns>The objects that are read, and the parts that are not.</returns>
    static async Task<(List<SlideObject> Read, IReadOnlyList<ContentPart> Withheld)> WithholdAsync(SlideProbe probe, List<SlideObject> known, CancellationToken cancellationToken)
    {
        var begun = new (string? Name, long Unread)[known.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, known.Count), parallel, async (i, token) => begun[i] = await NamingAsync(probe, known[i].Number, async () =>
        {
            var (dataset, unread) = await DicomParser.ReadImageTypeAsync(known[i], token);
            return (NameOf(dataset), unread);
        }));
        var (read, withheld) = (new List<SlideObject>(), new List<ContentPart>());
        for (var i = 0; i < known.Count; i++)
        {
            var source = known[i].Source;
            if (begun[i].Name is { } name) withheld.Add(new ContentPart(name, source, [new ByteRange(begun[i].Unread, source.Length - begun[i].Unread)]));
            else read.Add(known[i]);
        }
        foreach (var part in withheld) part.Source.Withhold(new ByteRange(0, part.Source.Length), part.Bytes);
        foreach (var each in read) each.Source.Withhold(new ByteRange(0, each.Source.Length), []);
        return (read, withheld);
    }

    /// <summary>The name if it is one of a picture to withhold. An object of another kind has other values.</summary>
    static string? NameOf(DicomDataset dataset) => dataset.Text(DicomTag.ImageType, 2) switch
    {
        "LABEL" => "label",
        "OVERVIEW" or "LOCALIZER" => "macro",
        _ => null,
    };

    static SlideFormatException NoLevels() =>
        new("None of the objects is a level of the slide (VOLUME in ImageType): they are its label, overview or thumbnail. Open the slide with all of its objects.", tag: DicomTag.ImageType);

    static SlideContent Arrange(List<DicomImage> images, SlideProbe probe)
    {
        var volumes = images.Where(image => image.Instance.Flavor == DicomFlavor.Volume).ToList();
        if (volumes.Count == 0) throw NoLevels();
        var pyramid = DicomPyramid.Of(volumes, probe.Options);
        if (pyramid.Others.Count > 0)
            probe.Warnings.Add(WarningCode.OtherPictures, $"Object(s) {string.Join(", ", pyramid.Others.Select(image => image.Instance.Object.Number))} show another region than the largest picture; they are ignored.");
        if (pyramid.Doubtful.Count > 0)
            probe.Warnings.Add(WarningCode.ResolutionDoubtful, $"Object(s) {string.Join(", ", pyramid.Doubtful.Select(image => image.Instance.Object.Number))} have the size of levels, but their pixel spacing belongs to another region; they are used as levels.");
        if (pyramid.FocalPlanes.Count > 1) probe.Warnings.AddFocalPlanes(pyramid.FocalPlanes.Count, probe.Options.FocalPlane);
        if (pyramid.OpticalPaths.Count > 1)
            probe.Warnings.Add(WarningCode.OtherPictures, $"The slide was scanned with {pyramid.OpticalPaths.Count} optical paths; number {pyramid.OpticalPaths.TakeWhile(each => each.Identifier != pyramid.Levels[0].Path).Count() + 1} is shown.");

        var associated = new Dictionary<string, TileSource>();
        var parts = new List<ContentPart>();
        foreach (var (flavor, name) in AssociatedNames)
        {
            var all = images.FindAll(image => image.Instance.Flavor == flavor);
            if (all.Count > 0) associated[name] = DicomTiles.Of(all[0].Layers[0], -1, all[0].Instance, probe.Warnings);
            parts.AddRange(all.SelectMany(image => image.Parts).Select(part => PartOf(name, part.Object)));
        }

        var top = pyramid.Levels[0];
        if (top.Image.StatedPlanes > pyramid.FocalPlanes.Count)
            probe.Warnings.Add(WarningCode.ObjectsLeftOut, $"The slide states {top.Image.StatedPlanes} focal planes, but its objects contain {pyramid.FocalPlanes.Count}.");
        var path = top.Image.OpticalPath(top.Path);
        return new SlideContent
        {
            Format = "dicom-wsi",
            Levels = [.. pyramid.Levels.Select((layer, index) => DicomTiles.Of(layer, index, top.Image.Instance, probe.Warnings))],
            AssociatedImages = associated,
            Parts = parts,
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

    static ContentPart PartOf(string name, DicomObject stored)
    {
        var pixels = stored.Pixels!.Value.Offset;
        return new ContentPart(name, stored.Source, [new ByteRange(pixels, stored.Source.Length - pixels)]);
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
