namespace Slidebridge.Commands;

/// <summary>The log of a run that goes on, of which the oldest lines are dropped.</summary>
static class LogText
{
    /// <summary>The first line of a text whose oldest lines were dropped.</summary>
    const string Cut = "…\n";

    /// <summary>What was added.</summary>
    /// <param name="shown">The text before; it ends with a line's end.</param>
    /// <param name="text">The text now. Of another run: all of it was added.</param>
    public static string After(string shown, string text)
    {
        var kept = text.StartsWith(Cut, StringComparison.Ordinal) ? text[Cut.Length..] : text;
        // What is left of it: the longest end of what was shown with which the text begins.
        for (var from = 0; from < shown.Length; from = shown.IndexOf('\n', from) is >= 0 and var end ? end + 1 : shown.Length)
            if (kept.AsSpan().StartsWith(shown.AsSpan(from))) return kept[(shown.Length - from)..];
        return text;
    }
}
