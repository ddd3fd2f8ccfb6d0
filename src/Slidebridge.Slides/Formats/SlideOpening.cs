namespace Slidebridge.Slides.Formats;

/// <summary>
/// Opens a slide from the objects that it is made of:
/// 1. the first bytes of each are taken;
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
            var objects = new SlideObject[sources.Count];
            for (var i = 0; i < objects.Length; i++) objects[i] = await SlideObject.TakeAsync(i + 1, sources[i], cancellationToken);
            var content = await FindAsync(new SlideProbe(objects, options) { Path = path }, cancellationToken);
            return new Slide(owned, content, options);
        }
        catch
        {
            await SlideObjects.CloseAsync(owned);
            throw;
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
