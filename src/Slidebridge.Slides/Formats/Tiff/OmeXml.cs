using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>Reads an OME-XML description and ignores what precedes and follows it. No DTD, no entities, nothing is fetched.</summary>
static class OmeXml
{
    // A slide's description has kilobytes. With short elements, the tree needs twenty times the memory of the text, and seconds.
    const int MostLetters = 2 * 1024 * 1024, MostImages = 1024;

    // Limits both dictionaries, against hostile attributes.
    const int MostPlanes = 4096;

    /// <summary>The images in the order of the description.</summary>
    /// <exception cref="SlideFormatException">The XML is damaged.</exception>
    public static IReadOnlyList<OmeImage> Read(string xml, long offset)
    {
        if (xml.Length > MostLetters)
            throw new SlideFormatException($"The OME-XML description has {xml.Length} characters; at most {MostLetters} are read. Export only the slide, without the rest of its plate or project.", offset, TiffTag.ImageDescription);
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostLetters, CheckCharacters = false };
            using var reader = XmlReader.Create(new StringReader(Clean(xml)), settings);
            var root = XDocument.Load(reader).Root!;
            var powers = new Dictionary<string, double>();
            foreach (var objective in Named(root, "Instrument").SelectMany(instrument => Named(instrument, "Objective")))
                if (Number(objective, "NominalMagnification") is > 0 and var power) powers[Text(objective, "ID")] = power;
            var images = Named(root, "Image").Take(MostImages).ToList();
            return [.. images.Select(image => Read(image, powers, isOnly: images.Count == 1))];
        }
        catch (XmlException e)
        {
            // The parser's own message is left out: it quotes the text, which may contain a patient's name.
            throw new SlideFormatException($"The OME-XML description is damaged at line {e.LineNumber}, character {e.LinePosition}.", offset, TiffTag.ImageDescription);
        }
    }

    static OmeImage Read(XElement image, Dictionary<string, double> powers, bool isOnly)
    {
        var pixels = Named(image, "Pixels").FirstOrDefault() ?? new XElement("Pixels");
        var settings = Named(image, "ObjectiveSettings").FirstOrDefault();
        var found = new OmeImage
        {
            Name = Text(image, "Name"),
            SizeC = Integer(pixels, "SizeC", 1),
            SizeT = Math.Clamp(Integer(pixels, "SizeT", 1), 1, MostPlanes),
            Primaries = [.. Named(pixels, "Channel").Take(MostPlanes).Select(Primary)],
            SizeZ = Math.Clamp(Integer(pixels, "SizeZ", 1), 1, MostPlanes),
            SpacingZ = Microns(pixels, "PhysicalSizeZ"),
            Mpp = Microns(pixels, "PhysicalSizeX") is { } x && Microns(pixels, "PhysicalSizeY") is { } y ? MicronsPerPixel.IfPlausible(x, y) : null,
            ObjectivePower = settings is not null && powers.TryGetValue(Text(settings, "ID"), out var power) ? power : null,
        };
        if (Named(pixels, "TiffData").SelectMany(planes => Named(planes, "UUID")).Select(file => Text(file, "FileName")).Where(name => name.Length > 0).Distinct().Count() > 1)
            throw new SlideFormatException("The planes of the OME-TIFF are split into several files. Export the slide as one file.", tag: TiffTag.ImageDescription);
        // One picture with three samples is one plane.
        var (channels, sizeT) = (found.ChannelsOf(Named(pixels, "Channel").Select(channel => Integer(channel, "SamplesPerPixel", 1)).DefaultIfEmpty(1).First()), found.SizeT);
        var order = Text(pixels, "DimensionOrder") is { Length: 5 } given ? given[2..] : "CZT";
        var data = Named(pixels, "TiffData").ToList();
        // If the description does not state the planes' pages, they start at the first page.
        if (data.Count == 0 && isOnly) data.Add(new XElement("TiffData"));
        foreach (var planes in data)
        {
            // Without a page or a count: all planes of the image, in order. OME-TIFF specification, "TiffData".
            var count = Integer(planes, "PlaneCount", planes.Attribute("IFD") is null ? MostPlanes : 1);
            var page = Integer(planes, "IFD", 0);
            var (z, c, t) = (Integer(planes, "FirstZ", 0), Integer(planes, "FirstC", 0), Integer(planes, "FirstT", 0));
            for (var i = 0; i < Math.Min(count, MostPlanes) && z < found.SizeZ && c < channels && t < sizeT; i++)
            {
                if (t == 0 && found.Pages.Count < MostPlanes) found.Pages.TryAdd((z, c), page + i);
                Step(order, ref z, ref c, ref t, found.SizeZ, channels, sizeT);
            }
        }
        return found;
    }

    // By the colour attribute (a signed number of red, green, blue and alpha), otherwise by the name. OME data model 2016-06, Channel.
    // White is the default of writers that do not know the colour.
    static int? Primary(XElement channel) => int.TryParse(Text(channel, "Color"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var color) && color != -1
        ? ((uint)color >> 8) switch { 0xFF0000 => 0, 0x00FF00 => 1, 0x0000FF => 2, _ => null }
        : Text(channel, "Name").Trim().ToUpperInvariant() switch { "RED" or "R" => 0, "GREEN" or "G" => 1, "BLUE" or "B" => 2, _ => null };

    /// <summary>Moves to the next plane: the first dimension of the order changes fastest.</summary>
    static void Step(string order, ref int z, ref int c, ref int t, int sizeZ, int sizeC, int sizeT)
    {
        foreach (var dimension in order)
        {
            ref var place = ref (dimension == 'Z' ? ref z : ref dimension == 'C' ? ref c : ref t);
            if (++place < (dimension == 'Z' ? sizeZ : dimension == 'C' ? sizeC : sizeT)) return;
            // The slowest dimension is beyond the image: there are no more planes.
            if (dimension != order[^1]) place = 0;
        }
    }

    /// <summary>Only the XML document: without a byte order mark, bytes after its end, and characters that XML does not allow.</summary>
    static string Clean(string xml)
    {
        var start = xml.IndexOf('<', StringComparison.Ordinal);
        var end = xml.LastIndexOf("OME>", StringComparison.Ordinal);
        if (start < 0 || end < start) return xml;
        return string.Create(end + 4 - start, (xml, start), static (clean, from) =>
        {
            from.xml.AsSpan(from.start, clean.Length).CopyTo(clean);
            for (var i = 0; i < clean.Length; i++)
                if (!XmlConvert.IsXmlChar(clean[i]) && !char.IsSurrogate(clean[i])) clean[i] = ' ';
        });
    }

    static double? Microns(XElement pixels, string name)
    {
        // If the text was decoded with the wrong encoding, a letter precedes the sign.
        var perUnit = pixels.Attribute(name + "Unit")?.Value.TrimStart('Â') switch
        {
            null or "µm" or "μm" or "um" or "micron" or "microns" or "micrometer" => 1,
            "nm" => 0.001,
            "mm" => 1000,
            "cm" => 10_000,
            "m" => 1e6,
            "in" => 25_400,
            _ => 0.0,
        };
        return perUnit > 0 && Number(pixels, name) is > 0 and var size ? size * perUnit : null;
    }

    // The namespace changes with the schema's year.
    static IEnumerable<XElement> Named(XElement parent, string name) => parent.Elements().Where(element => element.Name.LocalName == name);

    static string Text(XElement element, string name) => element.Attribute(name)?.Value ?? "";

    static int Integer(XElement element, string name, int absent) =>
        int.TryParse(Text(element, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1 << 24 ? number : absent;

    static double? Number(XElement element, string name) =>
        ScannerDescription.ParseNumber(Text(element, name));
}
