using System.Globalization;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.Zip;
using Slidebridge.Slides.Tiles;

namespace Slidebridge.Slides.Opening;

/// <summary>
/// Opens a slide from its objects:
/// 1. the first bytes of each object are read; a zip is replaced by its entries;
/// 2. if there are several objects, those of the slide are chosen (<see cref="SlideSelection"/>);
/// 3. the first format that knows them opens the slide.
/// </summary>
static class SlideOpening
{
    /// <summary>Takes ownership of the sources, even if opening fails.</summary>
    /// <param name="sources">At least one.</param>
    /// <param name="path">The local file or folder that was opened, if there is one.</param>
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
            // Nothing is known yet of any byte.
            if (options.WithholdLabels)
                foreach (var source in sources) source.Withhold(default, []);
            foreach (var source in sources) await AddAsync(source, sources.Count == 1, objects, owned, options, cancellationToken);
            if (options.WithholdLabels) await FindDicomAsync(objects, cancellationToken);
            // The entries of a zip cannot be opened by the zip's path.
            var probe = SlideSelection.Choose(new SlideProbe(objects, options) { Path = owned.Count == sources.Count ? path : null });
            foreach (var format in SlideFormats.All)
                if (await format.TryOpenAsync(probe, cancellationToken) is { } content)
                    return new Slide(owned, sources, Finish(content, probe), options, probe.Warnings);
            throw Unknown(probe);
        }
        catch
        {
            await SlideObjects.CloseAsync(owned);
            throw;
        }
    }

    const double MostStretched = 2.5;

    /// <summary>The steps that are the same for every format.</summary>
    static SlideContent Finish(SlideContent content, SlideProbe probe)
    {
        var options = probe.Options;
        if (options.FocalPlane > 0 && options.FocalPlane >= content.FocalPlanes.Count)
            throw new SlideFormatException($"The slide has {Math.Max(1, content.FocalPlanes.Count)} focal plane(s), numbered from 0; SlideOptions.FocalPlane is {options.FocalPlane}.");
        if (options.Mpp is { } given)
            probe.Warnings.Add(WarningCode.ResolutionDoubtful, string.Create(CultureInfo.InvariantCulture,
                $"The resolution of {given.X:0.####} × {given.Y:0.####} µm/pixel was given by the caller; the slide states {(content.Mpp is { } own ? string.Create(CultureInfo.InvariantCulture, $"{own.X:0.####} × {own.Y:0.####}") : "none")}."));
        else if (content.Mpp is { } stated && Math.Max(stated.X, stated.Y) > MostStretched * Math.Min(stated.X, stated.Y))
            probe.Warnings.Add(WarningCode.ResolutionDoubtful, string.Create(CultureInfo.InvariantCulture, $"The slide states {stated.X:0.####} × {stated.Y:0.####} µm/pixel; scanners' pixels are nearly square."));
        return content with { Levels = FilledTiles.Fill(content.Levels, probe.Warnings), Mpp = options.Mpp ?? content.Mpp };
    }

    static async Task AddAsync(ByteSource source, bool isOnly, List<SlideObject> objects, List<ByteSource> owned, SlideOptions options, CancellationToken cancellationToken)
    {
        var taken = await SlideObject.TakeAsync(objects.Count + 1, source, options.WithholdLabels, cancellationToken);
        if (!await ZipObjects.IsZipAsync(taken, isOnly, options.WithholdLabels, cancellationToken))
        {
            objects.Add(taken);
            return;
        }
        foreach (var (number, entry) in await ZipObjects.OpenAsync(source, options, cancellationToken))
        {
            // Insert the entry before the archive that it is a window on, so that it is closed first.
            owned.Insert(0, entry);
            // The entry's number in the zip's listing, so that a reader of a message can find the entry.
            objects.Add(await SlideObject.TakeAsync(isOnly ? number : objects.Count + 1, entry, options.WithholdLabels, cancellationToken));
            SlideObjects.CheckCount(objects.Count);
        }
    }

    /// <summary>Completes the heads of objects that may be DICOM and TIFF in one, where it matters: one TIFF among other files is the slide.</summary>
    static async Task FindDicomAsync(List<SlideObject> objects, CancellationToken cancellationToken)
    {
        var kinds = objects.Select(each => ObjectKind.Of(each).Role).ToList();
        if (kinds.Count(kind => kind == ObjectRole.Tiff) < 2 && !kinds.Contains(ObjectRole.Dicom)) return;
        for (var i = 0; i < objects.Count; i++)
            if (kinds[i] == ObjectRole.Tiff) objects[i] = await objects[i].AsDicomAsync(cancellationToken);
    }

    static SlideFormatException Unknown(SlideProbe probe)
    {
        if (probe.Single is not { } only) return new($"The {probe.Objects.Count} objects are not a slide. Expected {SlideFormats.Expected}.");
        if (ZipObjects.IsZip(only)) return new("The zip contains another zip, but no slide. Pack the slide's files into one zip.", 0);
        var head = Convert.ToHexStringLower(only.Head.Span[..Math.Min(8, only.Head.Length)]);
        return new($"The first bytes ({head}) do not belong to a known slide format. Expected {SlideFormats.Expected}.", 0);
    }
}
