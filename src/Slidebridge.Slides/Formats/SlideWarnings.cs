namespace Slidebridge.Slides.Formats;

/// <summary>Collects what is mended, skipped or doubted while a slide is opened and read. Safe for concurrent readers.</summary>
sealed class SlideWarnings
{
    // A damaged slide could have one for each of its tiles; nobody reads more than these of a kind, and none drives out another kind.
    const int MostOfCode = 16;

    readonly Lock gate = new();
    IReadOnlyList<SlideWarning> all = [];

    /// <summary>A snapshot, in the order in which they came.</summary>
    public IReadOnlyList<SlideWarning> All => Volatile.Read(ref all);

    /// <summary>Adds a warning, unless it is there already or there are too many.</summary>
    /// <param name="code">One of <see cref="WarningCode"/>.</param>
    /// <param name="message">One sentence; never patient data, a file's name or a URL.</param>
    public void Add(string code, string message)
    {
        lock (gate)
        {
            var warning = new SlideWarning(code, message);
            if (all.Count(each => each.Code == code) < MostOfCode && !all.Contains(warning)) Volatile.Write(ref all, [.. all, warning]);
        }
    }

    /// <summary>Says which of several focal planes is shown.</summary>
    public void AddFocalPlanes(int planes, int shown) => Add(WarningCode.OtherPictures, $"The file holds the slide at {planes} focal planes; plane {shown} is shown.");
}
