namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>What a page's own words say that it is. Whoever writes it, and wherever the page lies: what says that it is the label is never the slide.</summary>
static class PageWord
{
    /// <summary><c>label</c>, <c>macro</c> or <c>thumbnail</c>, where a line of the description begins with that word; else null.</summary>
    public static string? Of(TiffPage page)
    {
        foreach (var line in page.Description.AsSpan().EnumerateLines())
        {
            var text = line.TrimStart();
            var end = 0;
            while (end < text.Length && char.IsLetter(text[end])) end++;
            // "Aperio Image Library v11.2.1 \nlabel 387x463"
            switch (text[..end].ToString().ToLowerInvariant())
            {
                case "label": return "label";
                case "macro" or "overview": return "macro";
                case "thumbnail": return "thumbnail";
            }
        }
        return null;
    }

    /// <summary>The page that is the slide: the first, unless that is named and a larger one is not.</summary>
    public static TiffPage SlideOf(IReadOnlyList<TiffPage> pages) =>
        Of(pages[0]) is null ? pages[0] : pages.FirstOrDefault(page => Of(page) is null && Area(page) > Area(pages[0])) ?? pages[0];

    static long Area(TiffPage page) => (long)page.Width * page.Height;
}
