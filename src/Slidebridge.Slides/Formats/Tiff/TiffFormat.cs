using System.Globalization;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Opens a TIFF or BigTIFF:
/// 1. the header gives byte order and offset size; the bytes that probably follow are fetched together with it;
/// 2. the first directory identifies vendors whose slides are read through OpenSlide;
/// 3. the chain of directories is read, without their long index fields;
/// 4. the first vendor that knows the pages arranges them as levels and associated images;
/// 5. the bytes of the associated images are found, and withheld if the options say so.
/// </summary>
sealed class TiffFormat : ISlideFormat
{
    static readonly ITiffVendor[] Vendors = [new AperioTiff(), new OmeTiff(), new GenericTiff()];

    static readonly (int Tag, string Name)[] Described =
    [
        (TiffTag.ImageDescription, "tiff.ImageDescription"), (TiffTag.Make, "tiff.Make"), (TiffTag.Model, "tiff.Model"),
        (TiffTag.Software, "tiff.Software"), (TiffTag.DateTime, "tiff.DateTime"),
    ];

    // TIFF 6.0 §8: the place of the stored top left pixel.
    static readonly Dictionary<long, string> Turns = new()
    {
        [2] = "mirrored left to right",
        [3] = "turned by 180°",
        [4] = "mirrored top to bottom",
        [5] = "mirrored left to right and turned by 90° to the left",
        [6] = "turned by 90° to the right",
        [7] = "mirrored left to right and turned by 90° to the right",
        [8] = "turned by 90° to the left",
    };

    public string Name => "TIFF, Aperio SVS or OME-TIFF";

    public async ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken)
    {
        if (probe.Single is not { } only || TiffReader.TryOpen(only, probe.Warnings) is not { } found) return null;
        var reader = found with { IsExact = probe.Options.WithholdLabels };
        await TiffDirectories.PrefetchAsync(reader, cancellationToken);
        if (await ForeignTiff.RecogniseAsync(reader, cancellationToken) is not null) return null;
        var read = new List<TiffPage>();
        foreach (var directory in await TiffDirectories.ReadChainAsync(reader, cancellationToken))
        {
            // Without the first page, a smaller level would look like the slide.
            if (read.Count == 0) read.Add(await TiffPage.ReadAsync(directory, cancellationToken));
            else await TiffPage.AddAsync(read, directory, cancellationToken);
        }
        var pages = PageWord.SlideFirst(read);

        var properties = new Dictionary<string, string>();
        foreach (var (tag, name) in Described)
            if (await pages[0].Directory.TextAsync(tag, cancellationToken) is { Length: > 0 } text)
                properties[name] = text;
        if (reader.IsExact && PageWord.Of(pages)[0] is { } word && SlideWithheldException.Concerns(word)) throw SlideWithheldException.Only();
        var slide = new TiffSlide(pages, properties, probe.Options, probe.Warnings);
        var content = await Vendors.First(vendor => vendor.Knows(pages)).ArrangeAsync(slide, cancellationToken);
        content = content with { Parts = await TiffParts.FindAsync(slide, reader, cancellationToken) };
        if (pages[0].Orientation is not 1 and var orientation)
        {
            properties["tiff.Orientation"] = orientation.ToString(CultureInfo.InvariantCulture);
            probe.Warnings.Add(WarningCode.Orientation, $"The slide should be {Turns[orientation]} for display (Orientation {orientation}); pixels and coordinates are as stored.");
        }
        return content with { ReadIccProfile = content.ReadIccProfile ?? IccProfileOf(pages[0].Directory) };
    }

    static Func<CancellationToken, Task<byte[]?>>? IccProfileOf(TiffDirectory directory) =>
        directory.Has(TiffTag.IccProfile) ? async token => (await directory.BlobAsync(TiffTag.IccProfile, token)).ToArray() : null;
}
