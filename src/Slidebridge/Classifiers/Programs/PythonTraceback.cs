using System.Text.RegularExpressions;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Reads the traceback at the end of a Python program's output.</summary>
static partial class PythonTraceback
{
    const string Start = "Traceback (most recent call last):";

    /// <summary>
    /// The part that may be logged: the exception's class, and the file and line of its last frame, such as <c>ValueError at mitosis.py, line 12</c>; null if there is no complete
    /// traceback. The exception's message is not included, because it may name a patient.
    /// </summary>
    /// <param name="output">The end of a program's stderr.</param>
    public static string? Find(string output)
    {
        var start = output.LastIndexOf(Start, StringComparison.Ordinal);
        if (start < 0) return null;
        var lines = output[(start + Start.Length)..].Split('\n');
        var frame = Array.FindLastIndex(lines, line => Frame().IsMatch(line));
        if (frame < 0) return null;
        var place = Frame().Match(lines[frame]);
        // After the last frame and its source, the first line without indentation begins with the class.
        var kind = lines.Skip(frame + 1).Where(line => line.Length > 0 && line[0] != ' ').Select(line => Class().Match(line)).FirstOrDefault();
        return kind is { Success: true } ? $"{kind.Groups[1].Value} at {place.Groups[1].Value}, line {place.Groups[2].Value}" : null;
    }

    /// <summary>
    /// Where Python stopped, such as <c>/models/mitosis.py, line 12</c>: the last file that a traceback or a syntax error names; null if there is none. Only for a program that has not
    /// received a task yet: the path is not shortened.
    /// </summary>
    /// <param name="output">The end of a program's stderr.</param>
    public static string? Place(string output) =>
        Line().Matches(output).LastOrDefault() is { } last ? $"{last.Groups[1].Value}, line {last.Groups[2].Value}" : null;

    [GeneratedRegex("""^  File "([^"<>\r\n]{1,500})", line (\d{1,9})""", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("""^  File "(?:.*[/\\])?([\w.-]{1,100}\.py)", line (\d{1,9}), in """)]
    private static partial Regex Frame();

    [GeneratedRegex(@"^((?:[A-Za-z_]\w{0,60}\.){0,8}[A-Za-z_]\w{0,60})(?::|$)")]
    private static partial Regex Class();
}
