namespace Slidebridge.Slides;

/// <summary>Something that was repaired, skipped or doubtful while a slide was opened or read.</summary>
/// <param name="Code">A stable name for programs, such as <c>tiles-filled</c>. docs/formats.md lists all of them.</param>
/// <param name="Message">One sentence for the user. Never patient data, a file's name or a URL.</param>
public sealed record SlideWarning(string Code, string Message);
