namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>What pages' own words say that they are. Whoever writes it, and wherever the page lies: what says that it is the label is never the slide.</summary>
static class PageWord
{
    /// <summary>
    /// For each page <c>label</c>, <c>macro</c> or <c>thumbnail</c>, where a line of its description is that word, alone or before a size; else null.
    /// A description that several pages have names none: writers of pyramids copy it to every level. Nor do pairs: a value may begin with such a word.
    /// </summary>
    public static IReadOnlyList<string?> Of(IReadOnlyList<TiffPage> pages)
    {
        var copied = pages.GroupBy(page => page.Description).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        return [.. pages.Select(page => copied.Contains(page.Description) ? null : Of(page.Description))];
    }

    /// <summary>The pages, the slide first: where the first is named, it is the largest that is not, one in tiles before one in strips.</summary>
    public static IReadOnlyList<TiffPage> SlideFirst(IReadOnlyList<TiffPage> pages)
    {
        var names = Of(pages);
        if (names[0] is null) return pages;
        var slide = pages.Where((_, index) => names[index] is null).OrderByDescending(page => page.IsTiled).ThenByDescending(page => (long)page.Width * page.Height).FirstOrDefault();
        return slide is null ? pages : [slide, .. pages.Where(page => page != slide)];
    }

    static string? Of(string description)
    {
        var end = description.IndexOf('|', StringComparison.Ordinal);
        foreach (var line in description.AsSpan(0, end < 0 ? description.Length : end).EnumerateLines())
            if (OfLine(line.TrimStart()) is { } name) return name;
        return null;
    }

    const string Image = "image";

    // "label 387x463", "Label_Image", "label|AppMag = 40", "Label:", and not "Label: HE" or "Label printed in 2020".
    static string? OfLine(ReadOnlySpan<char> line)
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
