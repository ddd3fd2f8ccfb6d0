namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>What pages' own words say that they are. Whoever writes it, and wherever the page lies: what says that it is the label is never the slide.</summary>
static class PageWord
{
    /// <summary>
    /// <c>label</c>, <c>macro</c> or <c>thumbnail</c>, where a line of the description is that word, alone or before a size; else null.
    /// A description that another page has too names none: writers of pyramids copy it to every level. So do pairs: a value may begin with such a word.
    /// </summary>
    public static string? Of(TiffPage page, IReadOnlyList<TiffPage> pages)
    {
        var description = page.Description;
        var end = description.IndexOf('|', StringComparison.Ordinal);
        foreach (var line in description.AsSpan(0, end < 0 ? description.Length : end).EnumerateLines())
            if (Of(line.TrimStart()) is { } name)
                return pages.Any(other => other != page && other.Description == description) ? null : name;
        return null;
    }

    /// <summary>The pages, the slide first: where the first is named, it is the largest that is not, one in tiles before one in strips.</summary>
    public static IReadOnlyList<TiffPage> SlideFirst(IReadOnlyList<TiffPage> pages)
    {
        if (Of(pages[0], pages) is null) return pages;
        var slide = pages.Where(page => Of(page, pages) is null).OrderByDescending(page => page.IsTiled).ThenByDescending(page => (long)page.Width * page.Height).FirstOrDefault();
        return slide is null ? pages : [slide, .. pages.Where(page => page != slide)];
    }

    const string Image = "image";

    // "label 387x463", "Label_Image", "label|AppMag = 40", "Label:", and not "Label: HE" or "Label printed in 2020".
    static string? Of(ReadOnlySpan<char> line)
    {
        var end = 0;
        while (end < line.Length && char.IsLetter(line[end])) end++;
        var rest = line[end..].TrimStart(" \t:,;._-");
        if (rest.StartsWith(Image, StringComparison.OrdinalIgnoreCase)) rest = rest[Image.Length..].TrimStart(" \t:,;.");
        if (rest.Length > 0 && !char.IsAsciiDigit(rest[0]) && rest[0] != '(') return null;
        return line[..end].ToString().ToLowerInvariant() switch
        {
            "label" => "label",
            "macro" or "overview" => "macro",
            "thumbnail" => "thumbnail",
            _ => null,
        };
    }
}
