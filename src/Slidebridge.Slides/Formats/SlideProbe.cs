namespace Slidebridge.Slides.Formats;

/// <summary>The input from which a format recognises its slides.</summary>
/// <param name="Objects">At least one.</param>
/// <param name="Options">The caller's options.</param>
sealed record SlideProbe(IReadOnlyList<SlideObject> Objects, SlideOptions Options)
{
    /// <summary>The only object; null if there are several.</summary>
    public SlideObject? Single => Objects is [var only] ? only : null;

    /// <summary>Receives warnings about what is repaired, skipped or doubtful, now and while the slide is read.</summary>
    public SlideWarnings Warnings { get; init; } = new();

    /// <summary>The local file or folder that was opened, for a native library that opens by path; null for URLs and zip entries.</summary>
    public string? Path { get; init; }
}
