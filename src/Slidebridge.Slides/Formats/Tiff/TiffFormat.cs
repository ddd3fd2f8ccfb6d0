namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Opens a TIFF or BigTIFF:
/// 1. the header tells byte order and width;
/// 2. the chain of directories is read, without their long index fields;
/// 3. the first vendor that knows the pages arranges them as levels and associated images.
/// </summary>
sealed class TiffFormat : ISlideFormat
{
    static readonly ITiffVendor[] Vendors = [new AperioTiff(), new GenericTiff()];

    static readonly (int Tag, string Name)[] Described =
    [
        (TiffTag.ImageDescription, "tiff.ImageDescription"), (TiffTag.Make, "tiff.Make"), (TiffTag.Model, "tiff.Model"),
        (TiffTag.Software, "tiff.Software"), (TiffTag.DateTime, "tiff.DateTime"),
    ];

    public string Name => "TIFF or Aperio SVS";

    public async ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken)
    {
        if (probe.Single is not { } only || TiffReader.TryOpen(only) is not { } reader) return null;
        var pages = new List<TiffPage>();
        foreach (var directory in await TiffDirectories.ReadChainAsync(reader, cancellationToken))
            pages.Add(await TiffPage.ReadAsync(directory, cancellationToken));

        var properties = new Dictionary<string, string>();
        foreach (var (tag, name) in Described)
            if (await pages[0].Directory.TextAsync(tag, cancellationToken) is { Length: > 0 } text)
                properties[name] = text;
        return await Vendors.First(vendor => vendor.Knows(pages)).ArrangeAsync(pages, properties, cancellationToken);
    }
}
