using System.Buffers;

namespace Slidebridge.Security;

/// <summary>
/// Makes text from others safe for a terminal or a log: a terminal obeys control characters, a line break starts a false log entry, and direction
/// marks change how a line reads.
/// </summary>
static class PlainText
{
    /// <summary>In addition to the control characters: direction marks (Unicode TR 9), and the line and paragraph separators.</summary>
    static readonly SearchValues<char> Marks = SearchValues.Create("\u061C\u200E\u200F\u2028\u2029\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\uFEFF");

    /// <summary>One line: each such character is replaced by a space.</summary>
    public static string Line(string? text) => Of(text, lines: false);

    /// <summary>Several lines: line breaks and tabs stay.</summary>
    public static string Lines(string? text) => Of(text, lines: true);

    static string Of(string? text, bool lines) => text is null ? "" : !text.Any(c => IsUnfit(c, lines)) ? text
        : string.Create(text.Length, (text, lines), static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = IsUnfit(from.text[i], from.lines) ? ' ' : from.text[i];
        });

    static bool IsUnfit(char c, bool lines) => (char.IsControl(c) && !(lines && c is '\n' or '\t')) || Marks.Contains(c);
}
