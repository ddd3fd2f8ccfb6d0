namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>Reads from the pages' own descriptions what they are, for all vendors and page positions: a page that states that it is the label is never used as the slide.</summary>
static class PageWord
{
    /// <summary>
    /// For each page <c>label</c>, <c>macro</c> or <c>thumbnail</c>, if a line of its description is that word, alone or before a size; otherwise null.
    /// A description that several pages share is ignored: writers of pyramids copy it to every level. So are key-value pairs, whose values may begin with such a word.
    /// </summary>
    public static IReadOnlyList<string?> Of(IReadOnlyList<TiffPage> pages)
    {
        var copied = pages.GroupBy(page => page.Description).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        return [.. pages.Select(page => copied.Contains(page.Description) ? null : Of(page.Description))];
    }

    /// <summary>The pages, the slide first. If the first page has such a word, the slide is the largest page without one; tiled pages are preferred to pages in strips.</summary>
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

    // Matches "label 387x463", "Label_Image", "label|AppMag = 40", "Label:", but not "Label: HE" or "Label printed in 2020".
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
