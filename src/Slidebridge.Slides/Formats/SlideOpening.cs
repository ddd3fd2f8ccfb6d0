using System.Globalization;
using Slidebridge.Slides.Formats.Zip;
using Slidebridge.Slides.Tiles;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// Opens a slide from the objects that it is made of:
/// 1. the first bytes of each are taken; a zip gives way to its entries;
/// 2. the first format that knows them opens the slide;
/// 3. of several objects that nobody knows together, the only one that is a slide by itself is opened.
/// </summary>
static class SlideOpening
{
    /// <summary>Takes ownership of the sources, also where this fails.</summary>
    /// <param name="sources">At least one.</param>
    /// <param name="path">The local file or folder that was opened, where it is one.</param>
    /// <param name="options">Checked here.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    public static async Task<Slide> OpenAsync(IReadOnlyList<ByteSource> sources, string? path, SlideOptions? options, CancellationToken cancellationToken)
    {
        var owned = new List<ByteSource>(sources);
        try
        {
            options ??= SlideOptions.Default;
            options.Validate();
            var objects = new List<SlideObject>();
            foreach (var source in sources) await AddAsync(source, objects, owned, options, cancellationToken);
            // What a zip holds cannot be opened by the zip's path.
            var probe = new SlideProbe(objects, options) { Path = owned.Count == sources.Count ? path : null };
            var content = Finish(await FindAsync(probe, cancellationToken), probe);
            return new Slide(owned, content, options, probe.Warnings);
        }
        catch
        {
            await SlideObjects.CloseAsync(owned);
            throw;
        }
    }

    /// <summary>What is the same for every format.</summary>
    static SlideContent Finish(SlideContent content, SlideProbe probe)
    {
        var options = probe.Options;
        if (options.FocalPlane > 0 && options.FocalPlane >= content.FocalPlanes.Count)
            throw new SlideFormatException($"The slide has {Math.Max(1, content.FocalPlanes.Count)} focal plane(s), numbered from 0; SlideOptions.FocalPlane is {options.FocalPlane}.");
        if (options.Mpp is { } given)
            probe.Warnings.Add(WarningCode.ResolutionDoubtful, string.Create(CultureInfo.InvariantCulture,
                $"The resolution of {given.X:0.####} × {given.Y:0.####} µm/pixel was given by the caller; the slide says {(content.Mpp is { } own ? string.Create(CultureInfo.InvariantCulture, $"{own.X:0.####} × {own.Y:0.####}") : "none")}."));
        return content with { Levels = FilledTiles.Fill(content.Levels, probe.Warnings), Mpp = options.Mpp ?? content.Mpp };
    }

    static async Task AddAsync(ByteSource source, List<SlideObject> objects, List<ByteSource> owned, SlideOptions options, CancellationToken cancellationToken)
    {
        var taken = await SlideObject.TakeAsync(objects.Count + 1, source, cancellationToken);
        if (!ZipObjects.IsZip(taken))
        {
            objects.Add(taken);
            return;
        }
        foreach (var entry in await ZipObjects.OpenAsync(source, options, cancellationToken))
        {
            // Before what it is a window on, so that it is closed first.
            owned.Insert(0, entry);
            objects.Add(await SlideObject.TakeAsync(objects.Count + 1, entry, cancellationToken));
            SlideObjects.CheckCount(objects.Count);
            if (ZipObjects.IsZip(objects[^1])) throw new SlideFormatException("The zip holds another zip. Pack the slide's files into one.", 0);
        }
    }

    static async Task<SlideContent> FindAsync(SlideProbe probe, CancellationToken cancellationToken)
    {
        foreach (var format in SlideFormats.All)
            if (await format.TryOpenAsync(probe, cancellationToken) is { } content)
                return content;
        var slides = probe.Objects.Where(SlideFormats.IsSlideAlone).ToList();
        if (probe.Objects.Count > 1 && slides.Count == 1) return await FindAsync(probe with { Objects = slides, Path = null }, cancellationToken);
        throw Unknown(probe, slides.Count);
    }

    static SlideFormatException Unknown(SlideProbe probe, int slides)
    {
        var expected = string.Join(" or ", SlideFormats.All.Select(format => format.Name));
        if (probe.Single is not { } only)
            return new($"The {probe.Objects.Count} objects are no slide together{(slides > 1 ? $"; {slides} of them are slides by themselves: open one" : "")}. Expected {expected}.");
        var head = Convert.ToHexStringLower(only.Head.Span[..Math.Min(8, only.Head.Length)]);
        return new($"The first bytes ({head}) are of no known slide format. Expected {expected}.", 0);
    }
}
