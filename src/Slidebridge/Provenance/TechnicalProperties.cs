using System.Collections.Frozen;

namespace Slidebridge.Provenance;

/// <summary>
/// The properties of a slide that say how it was scanned, and nothing of whom. All others are hidden unless somebody asks for them, because vendors write names, case numbers and barcodes into any field,
/// and a list of forbidden fields would miss the next vendor's.
/// </summary>
static class TechnicalProperties
{
    static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
    [
        // Aperio's image description.
        "aperio.AppMag", "aperio.MPP", "aperio.OriginalWidth", "aperio.OriginalHeight", "aperio.Originalheight", "aperio.Left", "aperio.Top", "aperio.LineAreaXOffset", "aperio.LineAreaYOffset", "aperio.LineCameraSkew",
        "aperio.Focus Offset", "aperio.StripeWidth", "aperio.Filtered", "aperio.OffsetZ", "aperio.ScanScope ID", "aperio.Exposure Time", "aperio.Exposure Scale", "aperio.Gamma", "aperio.ICC Profile",
        // DICOM PS3.6: the equipment and the pixels, but no UIDs, dates or descriptions.
        "dicom.Modality", "dicom.Manufacturer", "dicom.ManufacturerModelName", "dicom.SoftwareVersions", "dicom.DeviceSerialNumber", "dicom.ImageType", "dicom.DimensionOrganizationType", "dicom.PhotometricInterpretation",
        "dicom.LossyImageCompression", "dicom.LossyImageCompressionMethod", "dicom.LossyImageCompressionRatio",
        // TIFF 6.0.
        "tiff.Orientation", "tiff.ResolutionUnit", "tiff.XResolution", "tiff.YResolution", "tiff.Make", "tiff.Model", "tiff.Software",
        // OpenSlide's own names.
        "openslide.vendor", "openslide.level-count", "openslide.mpp-x", "openslide.mpp-y", "openslide.objective-power", "openslide.background-color", "openslide.bounds-x", "openslide.bounds-y", "openslide.bounds-width", "openslide.bounds-height",
    ]);

    public static bool Contain(string name) => Names.Contains(name) || name.StartsWith("openslide.level[", StringComparison.Ordinal);
}
