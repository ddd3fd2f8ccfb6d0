using System.Text.RegularExpressions;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// OME-TIFF: the first page's description is OME-XML. The largest image is the slide; its smaller versions are under its page (SubIFDs);
/// other images are associated images, by their names. Three channels of one sample each are shown as red, green and blue: by their stated colours, otherwise in their order.
/// </summary>
/// <remarks>OME-TIFF specification 6.x, docs.openmicroscopy.org/ome-model.</remarks>
sealed class OmeTiff : ITiffVendor
{
    static readonly (Regex Ends, string Name)[] Associated = [(Last("label"), "label"), (Last("macro|overview"), "macro"), (Last("thumbnail"), "thumbnail")];

    const int LongestEnd = 64;

    sealed record Picture(OmeImage Image, TiffPage[] Channels);

    // The marks are near the start; some writers put a few bytes before them.
    const int Looked = 4096;

    public bool Knows(IReadOnlyList<TiffPage> pages)
    {
        var start = pages[0].Description.AsSpan()[..Math.Min(pages[0].Description.Length, Looked)];
        return start.Contains("<OME", StringComparison.Ordinal) && start.Contains("openmicroscopy", StringComparison.OrdinalIgnoreCase);
    }

    public ValueTask<SlideContent> ArrangeAsync(TiffSlide file, CancellationToken cancellationToken)
    {
        var (pages, properties) = (file.Pages, file.Properties);
        var offset = pages[0].Directory.Offset;
        var images = OmeXml.Read(properties["tiff.ImageDescription"], offset);
        if (images.Count == 0) throw new SlideFormatException("The OME-XML description contains no image.", offset, TiffTag.ImageDescription);
        var plane = file.Options.FocalPlane;
        var pictures = new List<Picture>();
        foreach (var image in images)
        {
            try
            {
                pictures.Add(Find(image, Math.Min(plane, image.SizeZ - 1), images.Count == 1, pages));
            }
            catch (SlideFormatException e) when (NameOf(image) is { } name && images.Count > 1)
            {
                file.Warnings.Add(WarningCode.PictureUnreadable, $"The {name} was left out: {e.Message}");
                file.Named.AddRange(PagesOf(image).Select(page => (name, page)));
            }
        }
        if (pictures.Count == 0) throw new SlideFormatException("None of the OME-TIFF's images can be read. Export the slide as one RGB image.", offset, TiffTag.ImageDescription);
        // An image with the name of an associated image is the slide only if there is no other image.
        var slide = pictures.OrderBy(picture => NameOf(picture.Image) is not null).ThenByDescending(picture => (long)picture.Channels[0].Width * picture.Channels[0].Height).First();

        if (NameOf(slide.Image) is { } shown && file.Options.WithholdLabels && SlideWithheldException.Concerns(shown)) throw SlideWithheldException.Only();
        var associated = new Dictionary<string, TileSource>();
        var other = 0;
        foreach (var picture in pictures)
        {
            if (picture == slide || NameOf(picture.Image) is not { } name)
            {
                if (picture != slide) other++;
                file.Scanned.AddRange(PagesOf(picture.Image));
                continue;
            }
            associated.TryAdd(name, Compose(picture.Channels, -1, picture.Channels[0]));
            file.Named.AddRange(picture.Channels.Select(channel => (name, channel)));
            file.Named.AddRange(PagesOf(picture.Image).Select(page => (name, page)));
        }
        file.Scanned.AddRange(slide.Channels);
        file.Scanned.AddRange(LevelsOf(slide, pages).SelectMany(level => level));
        if (other > 0) file.Warnings.Add(WarningCode.OtherPictures, $"The file contains {other} further image(s); the largest is shown.");
        if (slide.Image.SizeZ > 1) file.Warnings.AddFocalPlanes(slide.Image.SizeZ, Math.Min(plane, slide.Image.SizeZ - 1));
        if (slide.Image.SizeT > 1) file.Warnings.Add(WarningCode.OtherPictures, $"The file contains the slide at {slide.Image.SizeT} points in time; the first is shown.");
        if (slide.Channels is [var only] && slide.Image.ChannelsOf(only.Samples) is > 1 and var channels) file.Warnings.Add(WarningCode.OtherPictures, $"The file contains {channels} channels as separate pictures; the first is shown.");
        if (slide.Channels.Length > 1 && !HasPrimaries(slide.Image)) file.Warnings.Add(WarningCode.ColorsAssumed, "The three channels do not state their colours; they are shown as red, green and blue, in their order.");
        if (slide.Image.Name.Length > 0) properties["ome.Image.Name"] = slide.Image.Name;
        var icc = slide.Channels[0].Directory;
        return new(new SlideContent
        {
            Format = "ome-tiff",
            Levels = [.. LevelsOf(slide, pages).Select((channels, index) => Compose(channels, index, slide.Channels[0]))],
            AssociatedImages = associated,
            Mpp = slide.Image.Mpp,
            ObjectivePower = slide.Image.ObjectivePower,
            Properties = properties,
            FocalPlanes = slide.Image.SizeZ > 1 ? [.. Enumerable.Range(0, slide.Image.SizeZ).Select(index => new FocalPlane(index, slide.Image.SpacingZ * index))] : [],
            ReadIccProfile = icc.Has(TiffTag.IccProfile) ? async token => (await icc.BlobAsync(TiffTag.IccProfile, token)).ToArray() : null,
        });

        IEnumerable<TiffPage> PagesOf(OmeImage image) => image.Pages.Values.Where(page => page >= 0 && page < pages.Count).Select(page => pages[page]);
    }

    static Picture Find(OmeImage image, int plane, bool only, IReadOnlyList<TiffPage> pages)
    {
        var first = Page(PageOf(0));
        if (first.Samples > 1 || image.SizeC <= 1) return new Picture(image, [first]);
        if (image.SizeC != 3)
            throw new SlideFormatException($"The OME-TIFF has {image.SizeC} channels as separate pictures; expected one RGB or grey channel, or three that are red, green and blue. Export the slide as RGB.", pages[0].Directory.Offset, TiffTag.ImageDescription);
        TiffPage[] channels = [first, Page(PageOf(1)), Page(PageOf(2))];
        if (channels.Any(channel => !IsLike(channel, first)))
            throw new SlideFormatException("The channels of the OME-TIFF differ in size or tile size; all three must be equal.", pages[0].Directory.Offset, TiffTag.ImageDescription);
        if (HasPrimaries(image)) Array.Sort(image.Primaries.ToArray(), channels);
        return new Picture(image, channels);

        // If the description gives the page of the first channel only, the others follow it.
        int PageOf(int channel) => image.Pages.GetValueOrDefault((plane, channel), only && image.SizeZ == 1 ? channel : -1);

        TiffPage Page(int index) => index >= 0 && index < pages.Count
            ? pages[index]
            : throw new SlideFormatException($"The OME-XML description refers to page {index}; this file has {pages.Count} pages. The slide is split into several files: export it as one file.", pages[0].Directory.Offset, TiffTag.ImageDescription);
    }

    /// <summary>The channels of each level. A level is left out if it does not exist for all channels, or differs between them.</summary>
    static IEnumerable<TiffPage[]> LevelsOf(Picture slide, IReadOnlyList<TiffPage> pages)
    {
        var first = slide.Channels[0];
        // Older writers put the levels into the main chain of pages, marked as reduced images.
        var candidates = first.Children.Count > 0 || slide.Channels.Length > 1 ? first.Children : pages.Where(page => page != first && (page.SubfileType & 1) != 0);
        foreach (var level in TiffPyramid.Levels(first, candidates))
        {
            var channels = slide.Channels.Select(channel => level == first ? channel : channel.Children.FirstOrDefault(child => IsLike(child, level))).ToArray();
            if (slide.Channels.Length == 1) yield return [level];
            else if (channels.All(channel => channel is not null)) yield return channels!;
        }
    }

    static TileSource Compose(TiffPage[] channels, int index, TiffPage full) => channels.Length == 1
        ? TiffTiles.Of(channels[0], index, full)
        : new PlanarTiles([.. channels.Select(channel => TiffTiles.Of(channel, index, full))], StoredColor.Rgb);

    static bool HasPrimaries(OmeImage image) => image.Primaries.Order().SequenceEqual([0, 1, 2]);

    static bool IsLike(TiffPage page, TiffPage other) =>
        (page.Width, page.Height, page.TileWidth, page.TileHeight, page.Samples) == (other.Width, other.Height, other.TileWidth, other.TileHeight, other.Samples);

    static string? NameOf(OmeImage image) =>
        Associated.FirstOrDefault(each => each.Ends.IsMatch(image.Name[^Math.Min(image.Name.Length, LongestEnd)..])).Name;

    // Matches "slide.svs [label image]", "macro_image", "Thumbnail (series 2)", but not "label-free" or "macrophages".
    static Regex Last(string words) => new($@"(?<!\p{{L}})({words})[\s_-]*(image|scan)?[\])}}'""]*(\.[a-z]{{2,4}})?(\s*[(\[][^)\]]*[)\]])?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}
