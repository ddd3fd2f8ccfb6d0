namespace Slidebridge.Commands;

/// <summary>The log of a run that goes on, of which the oldest lines are dropped.</summary>
static class LogText
{
    /// <summary>What was added.</summary>
    /// <param name="shown">The text before; it ends with a line's end.</param>
    /// <param name="text">The text now. Of another run: all of it was added.</param>
    public static string After(string shown, string text)
    {
        if (text.StartsWith(shown, StringComparison.Ordinal)) return text[shown.Length..];
        var last = shown[(shown.TrimEnd('\n').LastIndexOf('\n') + 1)..];
        return text.LastIndexOf(last, StringComparison.Ordinal) is >= 0 and var at ? text[(at + last.Length)..] : text;
    }
}
