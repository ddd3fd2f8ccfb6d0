using System.Text.RegularExpressions;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// The part of a Python traceback that may be logged: the exception's class, and the file and line of its last frame. The exception's message is not included, because it may name a patient.
/// </summary>
static partial class PythonTraceback
{
    const string Start = "Traceback (most recent call last):";

    /// <summary>Such as <c>ValueError at mitosis.py, line 12</c>; null if there is no complete traceback.</summary>
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

    [GeneratedRegex("""^  File "(?:.*[/\\])?([\w.-]{1,100}\.py)", line (\d{1,9}), in """)]
    private static partial Regex Frame();

    [GeneratedRegex(@"^((?:[A-Za-z_]\w{0,60}\.){0,8}[A-Za-z_]\w{0,60})(?::|$)")]
    private static partial Regex Class();
}
