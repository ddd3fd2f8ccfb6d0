using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>Reads an OME-XML description. No DTD, no entity, nothing is fetched.</summary>
static class OmeXml
{
    // A slide's description is kilobytes. Of short elements the tree takes twenty times the text, and seconds.
    const int MostLetters = 2 * 1024 * 1024, MostImages = 1024;

    // Bounds both dictionaries and hostile attributes.
    const int MostChannels = 4096;

    /// <summary>The images in the order of the description.</summary>
    /// <exception cref="SlideFormatException">The XML is damaged.</exception>
    public static IReadOnlyList<OmeImage> Read(string xml, long offset)
    {
        if (xml.Length > MostLetters)
            throw new SlideFormatException($"The OME-XML description has {xml.Length} letters; at most {MostLetters} are read. Export the slide alone, without the rest of its plate or project.", offset, TiffTag.ImageDescription);
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostLetters };
            using var reader = XmlReader.Create(new StringReader(xml), settings);
            var root = XDocument.Load(reader).Root!;
            var powers = new Dictionary<string, double>();
            foreach (var objective in Named(root, "Instrument").SelectMany(instrument => Named(instrument, "Objective")))
                if (Number(objective, "NominalMagnification") is > 0 and var power) powers[Text(objective, "ID")] = power;
            return [.. Named(root, "Image").Take(MostImages).Select(image => Read(image, powers))];
        }
        catch (XmlException e)
        {
            throw new SlideFormatException($"The OME-XML description is damaged: {e.Message}", offset, TiffTag.ImageDescription, e);
        }
    }

    static OmeImage Read(XElement image, Dictionary<string, double> powers)
    {
        var pixels = Named(image, "Pixels").FirstOrDefault() ?? new XElement("Pixels");
        var settings = Named(image, "ObjectiveSettings").FirstOrDefault();
        var found = new OmeImage
        {
            Name = Text(image, "Name"),
            SizeC = Integer(pixels, "SizeC", 1),
            Mpp = Microns(pixels, "PhysicalSizeX") is { } x && Microns(pixels, "PhysicalSizeY") is { } y ? MicronsPerPixel.IfPlausible(x, y) : null,
            ObjectivePower = settings is not null && powers.TryGetValue(Text(settings, "ID"), out var power) ? power : null,
        };
        // Planes run over Z and T too; a slide shows the first of each.
        var flat = Integer(pixels, "SizeZ", 1) == 1 && Integer(pixels, "SizeT", 1) == 1;
        foreach (var planes in Named(pixels, "TiffData").Where(planes => Integer(planes, "FirstZ", 0) == 0 && Integer(planes, "FirstT", 0) == 0))
        {
            int page = Integer(planes, "IFD", 0), channel = Integer(planes, "FirstC", 0);
            var count = Integer(planes, "PlaneCount", planes.Attribute("IFD") is null ? found.SizeC : 1);
            for (var i = 0; i < (flat ? Math.Min(count, MostChannels) : 1); i++) found.Pages.TryAdd(channel + i, page + i);
        }
        return found;
    }

    static double? Microns(XElement pixels, string name)
    {
        var perUnit = pixels.Attribute(name + "Unit")?.Value switch
        {
            null or "µm" or "μm" or "um" => 1,
            "nm" => 0.001,
            "mm" => 1000,
            "cm" => 10_000,
            "m" => 1e6,
            "in" => 25_400,
            _ => 0.0,
        };
        return perUnit > 0 && Number(pixels, name) is > 0 and var size ? size * perUnit : null;
    }

    // The namespace changes with the year of the schema.
    static IEnumerable<XElement> Named(XElement parent, string name) => parent.Elements().Where(element => element.Name.LocalName == name);

    static string Text(XElement element, string name) => element.Attribute(name)?.Value ?? "";

    static int Integer(XElement element, string name, int absent) =>
        int.TryParse(Text(element, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1 << 24 ? number : absent;

    static double? Number(XElement element, string name) =>
        double.TryParse(Text(element, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
