namespace Slidebridge.Slides;

/// <summary>Something that was mended, skipped or doubted while a slide was opened or read.</summary>
/// <param name="Code">A stable name for programs, such as <c>tiles-filled</c>. docs/formats.md has them all.</param>
/// <param name="Message">One sentence for a person. Never patient data, a file's name or a URL.</param>
public sealed record SlideWarning(string Code, string Message);
