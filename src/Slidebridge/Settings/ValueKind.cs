using System.Globalization;
using Slidebridge.Units;

namespace Slidebridge.Settings;

/// <summary>A kind of value: how to parse a text, and the error if it is invalid.</summary>
/// <param name="Placeholder">The placeholder for the value in the help.</param>
/// <param name="Parse">Parses a text. Throws <see cref="FormatException"/> with the error, without a full stop, as the end of "--flag: …".</param>
sealed record ValueKind<T>(string Placeholder, Func<string, T> Parse);

/// <summary>The common kinds of settings' values.</summary>
static class ValueKind
{
    /// <summary>A text that is not empty.</summary>
    public static ValueKind<string> Text(string placeholder) => new(placeholder, text => text.Trim() is { Length: > 0 } value ? value : throw Wrong(text, "a text that is not empty"));

    /// <summary>A whole number between two bounds, inclusive.</summary>
    public static ValueKind<int> Number(int least, int most, string placeholder = "N") => new(placeholder, text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : throw Wrong(text, $"a whole number from {least} to {most}"));

    /// <summary>A time such as <c>500ms</c>, <c>30s</c>, <c>5m</c> or <c>24h</c>.</summary>
    /// <param name="least">The shortest allowed time.</param>
    public static ValueKind<TimeSpan> Time(TimeSpan least = default) => new("TIME", text =>
        Duration.Parse(text) is not { } time ? throw Wrong(text, "a time such as 500ms, 30s, 5m or 24h")
        : time < least ? throw Wrong(text, $"a time of {Duration.Text(least)} or more") : time);

    /// <summary>A time of more than zero; null for <c>forever</c> and for zero.</summary>
    public static ValueKind<TimeSpan?> TimeOrForever { get; } = new("TIME", text =>
        text is "forever" or "0" ? null : Duration.Parse(text) is { } time ? time > TimeSpan.Zero ? time : null : throw Wrong(text, "a time such as 30s, 5m or 24h, or 'forever'"));

    /// <summary>An amount of bytes such as <c>0</c>, <c>500MB</c> or <c>50GB</c>, between two bounds, inclusive.</summary>
    public static ValueKind<long> Bytes(long least = 0, long most = long.MaxValue) => new("BYTES", text =>
        ByteSize.Parse(text) is { } bytes && bytes >= least && bytes <= most ? bytes
        : throw Wrong(text, least == 0 && most == long.MaxValue ? "an amount such as 500MB, 50GB or 0" : $"an amount from {ByteSize.Text(least)} to {ByteSize.Text(most)}"));

    /// <summary><c>yes</c> or <c>no</c>.</summary>
    public static ValueKind<bool> Switch { get; } = new("YES/NO", text => text is "yes" || (text is "no" ? false : throw Wrong(text, "yes or no")));

    /// <summary>One of these words.</summary>
    public static ValueKind<T> Choice<T>(string placeholder, params (string Word, T Value)[] words) => new(placeholder, text =>
        words.FirstOrDefault(each => each.Word == text) is { Word: not null } found ? found.Value : throw Wrong(text, $"one of {string.Join(", ", words.Select(each => each.Word))}"));

    public static ValueKind<Uri> Url { get; } = new("URL", text =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : throw Wrong(text, "an http or https URL"));

    /// <summary>A name of letters, digits and <c>- _ .</c>, with at most 64 characters.</summary>
    public static ValueKind<string> Name(string placeholder) => new(placeholder, text =>
        IsName(text) ? text : throw Wrong(text, "a name of letters, digits, -, _ and ."));

    /// <summary>Whether a text is such a name.</summary>
    public static bool IsName(string? text) => text is { Length: > 0 and <= LongestName } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>The maximum length of a name.</summary>
    public const int LongestName = 64;

    /// <summary>A kind for a setting without a default: the value may be absent.</summary>
    public static ValueKind<T?> Optional<T>(ValueKind<T> kind) where T : class => new(kind.Placeholder, text => kind.Parse(text));

    /// <inheritdoc cref="Optional"/>
    public static ValueKind<T?> OptionalValue<T>(ValueKind<T> kind) where T : struct => new(kind.Placeholder, text => kind.Parse(text));

    static FormatException Wrong(string text, string expected) => new($"'{text}' is not {expected}");
}
