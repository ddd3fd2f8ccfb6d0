namespace Slidebridge.Slides.Formats;

/// <summary>What a format looks at to tell whether a slide is its own.</summary>
/// <param name="Objects">At least one.</param>
/// <param name="Options">How the slide is to be read.</param>
sealed record SlideProbe(IReadOnlyList<SlideObject> Objects, SlideOptions Options)
{
    /// <summary>The only object; null where there are several.</summary>
    public SlideObject? Single => Objects is [var only] ? only : null;

    /// <summary>Takes what is mended, skipped or doubted, now and while the slide is read.</summary>
    public SlideWarnings Warnings { get; init; } = new();

    /// <summary>The local file or folder that was opened, for a native library that opens by path; null for URLs and zip entries.</summary>
    public string? Path { get; init; }
}
