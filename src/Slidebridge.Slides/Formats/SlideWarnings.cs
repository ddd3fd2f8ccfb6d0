namespace Slidebridge.Slides.Formats;

/// <summary>Collects warnings about what is repaired, skipped or doubtful while a slide is opened and read. Safe for concurrent readers.</summary>
sealed class SlideWarnings
{
    // A damaged slide could have a warning for each of its tiles. The limit per code keeps the list short, and keeps room for other codes.
    const int MostOfCode = 16;

    readonly Lock gate = new();
    IReadOnlyList<SlideWarning> all = [];

    /// <summary>A snapshot of the warnings, oldest first.</summary>
    public IReadOnlyList<SlideWarning> All => Volatile.Read(ref all);

    /// <summary>Adds a warning, unless it is already there or the limit is reached.</summary>
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

    /// <summary>Adds a warning that names which of several focal planes is shown.</summary>
    public void AddFocalPlanes(int planes, int shown) => Add(WarningCode.OtherPictures, $"The file contains the slide at {planes} focal planes; plane {shown} is shown.");
}
