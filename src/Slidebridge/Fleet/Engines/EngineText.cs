using Slidebridge.Security;

namespace Slidebridge.Fleet.Engines;

/// <summary>An engine's texts in messages of the bridge: they are stored, logged and shown.</summary>
static class EngineText
{
    const int Longest = 600;

    /// <summary>One line without a full stop, not too long.</summary>
    public static string Sentence(string text) => Line(text).TrimEnd('.', ' ');

    /// <summary>One line, not too long.</summary>
    public static string Line(string text)
    {
        // Not all of an endless text.
        var line = string.Join(' ', PlainText.Line(text.Length > 4 * Longest ? text[..(4 * Longest)] : text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > Longest ? string.Concat(line.AsSpan(0, Longest), "…") : line;
    }

    /// <summary>What happened, with the engine's own message where it has one.</summary>
    public static string With(string what, string? message) => string.IsNullOrWhiteSpace(message) ? what : $"{what}: {Sentence(message)}";
}
