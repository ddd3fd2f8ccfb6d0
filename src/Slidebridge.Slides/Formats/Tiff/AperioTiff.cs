using System.Globalization;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Aperio SVS: the tiled pages are the levels; the second page, in strips, is the thumbnail; further ones in strips are
/// named by the second line of their description, or by their NewSubfileType. The description's <c>|key = value</c> pairs are the metadata.
/// </summary>
/// <remarks>Aperio, "Digital Slides and Third-Party Data Interchange", MAN-0069; OpenSlide's <c>openslide-vendor-aperio.c</c>.</remarks>
sealed class AperioTiff : ITiffVendor
{
    const long LabelSubfile = 1, MacroSubfile = 9;

    public bool Knows(IReadOnlyList<TiffPage> pages) => pages[0] is { IsTiled: true } first && first.Description.StartsWith("Aperio", StringComparison.Ordinal);

    public ValueTask<SlideContent> ArrangeAsync(IReadOnlyList<TiffPage> pages, Dictionary<string, string> properties, CancellationToken cancellationToken)
    {
        foreach (var (key, value) in Pairs(pages[0].Description)) properties.TryAdd("aperio." + key, value);

        var levels = pages.Where(page => page.IsTiled).OrderByDescending(page => page.Width).ToList();
        var images = new Dictionary<string, TileSource>();
        for (var i = 0; i < pages.Count; i++)
            if (!pages[i].IsTiled && ImageName(pages[i], i) is { } name)
                images.TryAdd(name, TiffTiles.Of(pages[i], -1, pages[i]));

        var mpp = Number(properties, "aperio.MPP");
        return new(new SlideContent
        {
            Format = "aperio-svs",
            Levels = [.. levels.Select((page, index) => TiffTiles.Of(page, index, levels[0]))],
            AssociatedImages = images,
            Mpp = mpp is { } size ? MicronsPerPixel.IfPlausible(size, size) : null,
            ObjectivePower = Number(properties, "aperio.AppMag") is > 0 and var power ? power : null,
            Properties = properties,
        });
    }

    static IEnumerable<(string Key, string Value)> Pairs(string description) =>
        from part in description.Split('|').Skip(1)
        let sign = part.IndexOf('=', StringComparison.Ordinal)
        where sign > 0
        select (part[..sign].Trim(), part[(sign + 1)..].Trim());

    static string? ImageName(TiffPage page, int index)
    {
        if (index == 1) return "thumbnail";
        // "Aperio Image Library v11.2.1 \nlabel 387x463"
        var lines = page.Description.Split('\n');
        var word = lines.Length > 1 ? lines[1].TrimStart().Split(' ', 2)[0].TrimEnd('\r') : "";
        if (word is "label" or "macro" or "thumbnail") return word;
        return page.SubfileType switch { LabelSubfile => "label", MacroSubfile => "macro", _ => null };
    }

    static double? Number(Dictionary<string, string> properties, string key) =>
        properties.TryGetValue(key, out var text)
        && double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;
}
