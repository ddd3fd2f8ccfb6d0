using System.Globalization;
using System.Xml.Linq;

namespace Slidebridge.Slides.Writing;

/// <summary>The OME-XML of a slide that is one picture of red, green and blue. OME schema 2016-06; OME-TIFF specification, docs.openmicroscopy.org/ome-model.</summary>
static class OmeDescription
{
    static readonly XNamespace Ome = "http://www.openmicroscopy.org/Schemas/OME/2016-06", Schema = "http://www.w3.org/2001/XMLSchema-instance";

    /// <param name="width">Level-0 pixels.</param>
    /// <param name="height">Level-0 pixels.</param>
    /// <param name="options">The options.</param>
    public static string Of(int width, int height, PyramidWriterOptions options)
    {
        var pixels = new XElement(Ome + "Pixels",
            new XAttribute("ID", "Pixels:0"), new XAttribute("DimensionOrder", "XYCZT"), new XAttribute("Type", "uint8"), new XAttribute("SignificantBits", 8), new XAttribute("Interleaved", true),
            new XAttribute("SizeX", width), new XAttribute("SizeY", height), new XAttribute("SizeC", 3), new XAttribute("SizeZ", 1), new XAttribute("SizeT", 1),
            // Without a unit, the schema's default is micrometres.
            new XAttribute("PhysicalSizeX", Number(options.Mpp)), new XAttribute("PhysicalSizeY", Number(options.MppY ?? options.Mpp)),
            new XElement(Ome + "Channel", new XAttribute("ID", "Channel:0:0"), new XAttribute("SamplesPerPixel", 3), new XElement(Ome + "LightPath")),
            new XElement(Ome + "TiffData", new XAttribute("IFD", 0), new XAttribute("PlaneCount", 1)));
        XElement[] instrument = options.ObjectivePower is { } power
            ? [new(Ome + "Instrument", new XAttribute("ID", "Instrument:0"), new XElement(Ome + "Objective", new XAttribute("ID", "Objective:0"), new XAttribute("NominalMagnification", Number(power))))] : [];
        XElement[] settings = options.ObjectivePower is null ? []
            : [new(Ome + "InstrumentRef", new XAttribute("ID", "Instrument:0")), new(Ome + "ObjectiveSettings", new XAttribute("ID", "Objective:0"))];
        var root = new XElement(Ome + "OME",
            new XAttribute("xmlns", Ome), new XAttribute(XNamespace.Xmlns + "xsi", Schema), new XAttribute(Schema + "schemaLocation", $"{Ome} {Ome}/ome.xsd"), new XAttribute("Creator", "Slidebridge"),
            instrument, new XElement(Ome + "Image", new XAttribute("ID", "Image:0"), settings, pixels));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + root.ToString(SaveOptions.DisableFormatting);
    }

    static string Number(double value) => value.ToString("0.##########", CultureInfo.InvariantCulture);
}
