namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Opens a TIFF or BigTIFF:
/// 1. the header tells byte order and width, and what is likely to follow is fetched together;
/// 2. the first directory tells vendors whose slides are left to the native library;
/// 3. the chain of directories is read, without their long index fields;
/// 4. the first vendor that knows the pages arranges them as levels and associated images.
/// </summary>
sealed class TiffFormat : ISlideFormat
{
    static readonly ITiffVendor[] Vendors = [new AperioTiff(), new OmeTiff(), new GenericTiff()];

    static readonly (int Tag, string Name)[] Described =
    [
        (TiffTag.ImageDescription, "tiff.ImageDescription"), (TiffTag.Make, "tiff.Make"), (TiffTag.Model, "tiff.Model"),
        (TiffTag.Software, "tiff.Software"), (TiffTag.DateTime, "tiff.DateTime"),
    ];

    public string Name => "TIFF, Aperio SVS or OME-TIFF";

    public async ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken)
    {
        if (probe.Single is not { } only || TiffReader.TryOpen(only) is not { } reader) return null;
        await TiffDirectories.PrefetchAsync(reader, cancellationToken);
        if (await ForeignTiff.RecogniseAsync(reader, cancellationToken) is not null) return null;
        var pages = new List<TiffPage>();
        foreach (var directory in await TiffDirectories.ReadChainAsync(reader, cancellationToken))
            pages.Add(await TiffPage.ReadAsync(directory, cancellationToken));

        var properties = new Dictionary<string, string>();
        foreach (var (tag, name) in Described)
            if (await pages[0].Directory.TextAsync(tag, cancellationToken) is { Length: > 0 } text)
                properties[name] = text;
        var content = await Vendors.First(vendor => vendor.Knows(pages)).ArrangeAsync(pages, properties, cancellationToken);
        return content with { ReadIccProfile = content.ReadIccProfile ?? IccProfileOf(pages[0].Directory) };
    }

    static Func<CancellationToken, Task<byte[]?>>? IccProfileOf(TiffDirectory directory) =>
        directory.Has(TiffTag.IccProfile) ? async token => (await directory.BlobAsync(TiffTag.IccProfile, token)).ToArray() : null;
}
