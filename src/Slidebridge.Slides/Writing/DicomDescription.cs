using System.Globalization;
using Slidebridge.Slides.Formats.Dicom;

namespace Slidebridge.Slides.Writing;

/// <summary>Describes one instance of a written series.</summary>
/// <param name="Name">Used for its identifier and its file name.</param>
/// <param name="ImageType">All four values. PS3.3 C.8.12.4.1.1.</param>
/// <param name="Number">The number in the series, from 1.</param>
/// <param name="Width">Pixels of the whole picture.</param>
/// <param name="Height">Pixels of the whole picture.</param>
/// <param name="TileWidth">Pixels of a frame.</param>
/// <param name="TileHeight">Pixels of a frame.</param>
/// <param name="Spacing">Micrometres from one pixel to the next.</param>
sealed record DicomPart(string Name, string ImageType, int Number, int Width, int Height, int TileWidth, int TileHeight, (double X, double Y) Spacing)
{
    public int Frames => (Width + TileWidth - 1) / TileWidth * ((Height + TileHeight - 1) / TileHeight);

    /// <summary>The kind of JPEG of its frames.</summary>
    public FrameKind Frame { get; init; } = new(false, 2, 2);

    /// <summary>True for a label or an overview, which shows the text on the slide.</summary>
    public bool ShowsLabel => ImageType.Contains("LABEL", StringComparison.Ordinal) || ImageType.Contains("OVERVIEW", StringComparison.Ordinal);
}

/// <summary>Writes the modules of the VL Whole Slide Microscopy Image IOD (PS3.3 A.32.8): all elements of type 1 and 2 for a brightfield slide.</summary>
sealed class DicomDescription(DicomSeriesWriterOptions options, DicomUids uids, DateTimeOffset created)
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.77.1.6", JpegBaseline = "1.2.840.10008.1.2.4.50";

    /// <summary>The compression ratios. The last value is overwritten after the pixels are written: 16 characters.</summary>
    public const uint Ratio = 0x00282112;

    /// <summary>The ratios of previous lossy encodings, each followed by a backslash. A label and an overview are separate pictures and have none.</summary>
    public string EarlierRatios(DicomPart part) =>
        part.ShowsLabel ? "" : string.Concat(options.LossySteps.Select(step => step.Ratio.ToString("0.###", CultureInfo.InvariantCulture) + "\\"));

    // The specimen is on a slide of 25 × 75 mm, its scan near the middle; the exact position is not known, and any position is allowed.
    const double OriginX = 20, OriginY = 40;

    // Micrometres: the thickness of a section. The depth of the scan is not known, but a value is required (type 1).
    const double Depth = 4;

    /// <summary>The file meta information, which begins with its own length.</summary>
    public byte[] Meta(DicomPart part)
    {
        var meta = new DicomDatasetWriter()
            .Bytes(0x00020001, DicomVr.OB, [0, 1])
            .Text(0x00020002, DicomVr.UI, SopClass)
            .Text(0x00020003, DicomVr.UI, uids.For(part.Name))
            .Text(0x00020010, DicomVr.UI, JpegBaseline)
            .Text(0x00020012, DicomVr.UI, new DicomUids("slidebridge").For("implementation"))
            .Text(0x00020013, DicomVr.SH, "SLIDEBRIDGE");
        var bytes = meta.ToArray();
        return [.. new DicomDatasetWriter().Long(0x00020000, bytes.Length).ToArray(), .. bytes];
    }

    public DicomDatasetWriter Dataset(DicomPart part)
    {
        var dataset = new DicomDatasetWriter();
        Describe(dataset);
        DescribeEquipment(dataset);
        DescribeSpecimen(dataset);
        DescribeImage(dataset, part);
        DescribePixels(dataset, part);
        DescribeOptics(dataset);
        // The label's text is only in its picture; the module requires a value for the text that was read. PS3.3 C.8.12.8.
        if (part.ImageType.Contains("LABEL", StringComparison.Ordinal)) dataset.Text(0x22000002, DicomVr.UT).Text(0x22000005, DicomVr.LT);
        return dataset;
    }

    // Patient, study, series, frame of reference: PS3.3 C.7.1 to C.7.4.
    void Describe(DicomDatasetWriter dataset) => dataset
        .Text(0x00080005, DicomVr.CS, "ISO_IR 192")
        .Text(0x00080020, DicomVr.DA, Date)
        .Text(0x00080030, DicomVr.TM, Time)
        .Text(0x00080050, DicomVr.SH)
        .Text(0x00080060, DicomVr.CS, "SM")
        .Text(0x00080090, DicomVr.PN)
        .Text(0x00100010, DicomVr.PN)
        .Text(0x00100020, DicomVr.LO, options.PatientId)
        .Text(0x00100030, DicomVr.DA)
        .Text(0x00100040, DicomVr.CS)
        .Text(0x0020000D, DicomVr.UI, uids.For("study"))
        .Text(0x0020000E, DicomVr.UI, uids.For("series"))
        .Text(0x00200010, DicomVr.SH)
        .Text(0x00200011, DicomVr.IS, "1")
        .Text(0x00200052, DicomVr.UI, uids.For("frame of reference"))
        .Text(0x00201040, DicomVr.LO, "SLIDE_CORNER");

    // PS3.3 C.7.5.2.
    static void DescribeEquipment(DicomDatasetWriter dataset) => dataset
        .Text(0x00080070, DicomVr.LO, "Slidebridge")
        .Text(0x00081090, DicomVr.LO, "DicomSeriesWriter")
        .Text(0x00181000, DicomVr.LO, "0")
        .Text(0x00181020, DicomVr.LO, typeof(DicomDescription).Assembly.GetName().Version!.ToString(3));

    // PS3.3 C.7.6.22; codes of PS3.16 CID 8101 and 8103.
    void DescribeSpecimen(DicomDatasetWriter dataset) => dataset
        .Text(0x00400512, DicomVr.LO, options.ContainerIdentifier)
        .Sequence(0x00400513)
        .Code(0x00400518, "433466003", "SCT", "Microscope slide")
        .Sequence(0x00400555)
        .Sequence(0x00400560, new DicomDatasetWriter()
            .Text(0x00400551, DicomVr.LO, options.ContainerIdentifier)
            .Text(0x00400554, DicomVr.UI, uids.For("specimen"))
            .Sequence(0x00400562)
            .Sequence(0x00400610));

    // PS3.3 C.8.12.4, C.7.6.16, C.7.6.17, C.12.1.
    void DescribeImage(DicomDatasetWriter dataset, DicomPart part) => dataset
        .Text(0x00080008, DicomVr.CS, part.ImageType)
        .Text(0x00080016, DicomVr.UI, SopClass)
        .Text(0x00080018, DicomVr.UI, uids.For(part.Name))
        .Text(0x00080023, DicomVr.DA, Date)
        .Text(0x0008002A, DicomVr.DT, Date + Time)
        .Text(0x00080033, DicomVr.TM, Time)
        .Text(0x00089206, DicomVr.CS, "VOLUME")
        .Text(0x00200013, DicomVr.IS, part.Number.ToString(CultureInfo.InvariantCulture))
        .Sequence(0x00209221, new DicomDatasetWriter().Text(0x00209164, DicomVr.UI, uids.For("dimensions")))
        .Text(0x00209311, DicomVr.CS, "TILED_FULL")
        .Text(0x00280301, DicomVr.CS, part.ShowsLabel ? "YES" : "NO")
        .Float(0x00480001, part.Width * part.Spacing.X / 1000)
        .Float(0x00480002, part.Height * part.Spacing.Y / 1000)
        .Float(0x00480003, Depth)
        .Long(0x00480006, part.Width)
        .Long(0x00480007, part.Height)
        .Sequence(0x00480008, new DicomDatasetWriter().Decimal(0x0040072A, OriginX).Decimal(0x0040073A, OriginY))
        .Text(0x00480010, DicomVr.CS, part.ShowsLabel ? "YES" : "NO")
        .Text(0x00480011, DicomVr.CS, "AUTO")
        .Text(0x00480012, DicomVr.CS, "NO")
        .Decimal(0x00480102, 0, -1, 0, -1, 0, 0)
        .Sequence(0x52009229, new DicomDatasetWriter()
            .Sequence(0x00289110, new DicomDatasetWriter()
                .Decimal(0x00180050, Depth / 1000)
                .Decimal(0x00280030, part.Spacing.Y / 1000, part.Spacing.X / 1000))
            .Sequence(0x00400710, new DicomDatasetWriter().Text(0x00089007, DicomVr.CS, part.ImageType))
            .Sequence(0x00480207, new DicomDatasetWriter().Text(0x00480106, DicomVr.SH, "1")));

    // PS3.3 C.7.6.3. YBR_FULL_422 is the name of JPEG's YCbCr with any chroma subsampling: PS3.5 §8.2.1.
    void DescribePixels(DicomDatasetWriter dataset, DicomPart part) => dataset
        .Short(0x00280002, 3)
        .Text(0x00280004, DicomVr.CS, part.Frame.IsRgb ? "RGB" : part.Frame is { Horizontal: 1, Vertical: 1 } ? "YBR_FULL" : "YBR_FULL_422")
        .Short(0x00280006, 0)
        .Text(0x00280008, DicomVr.IS, part.Frames.ToString(CultureInfo.InvariantCulture))
        .Short(0x00280010, part.TileHeight)
        .Short(0x00280011, part.TileWidth)
        .Short(0x00280100, 8)
        .Short(0x00280101, 8)
        .Short(0x00280102, 7)
        .Short(0x00280103, 0)
        .Text(0x00282110, DicomVr.CS, "01")
        .Text(Ratio, DicomVr.DS, EarlierRatios(part) + new string(' ', 16))
        .Text(0x00282114, DicomVr.CS, string.Join('\\', [.. part.ShowsLabel ? [] : options.LossySteps.Select(step => step.Method), LossyStep.Jpeg]));

    // PS3.3 C.8.12.5; codes of PS3.16 CID 8122 and 8123.
    void DescribeOptics(DicomDatasetWriter dataset) => dataset
        .Long(0x00480302, 1)
        .Long(0x00480303, 1)
        .Sequence(0x00480105, new DicomDatasetWriter()
            .Code(0x00220016, "111744", "DCM", "Brightfield illumination")
            .Bytes(0x00282000, DicomVr.OB, options.IccProfile ?? SrgbProfile.Create())
            .Text(0x00480106, DicomVr.SH, "1")
            .Code(0x00480108, "414298005", "SCT", "Full Spectrum")
            .Decimal(0x00480112, options.Pyramid.ObjectivePower is { } power ? [power] : [])); // Type 3: may be empty.

    string Date => created.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    string Time => created.ToString("HHmmss", CultureInfo.InvariantCulture);
}
