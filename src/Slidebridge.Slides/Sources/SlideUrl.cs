using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Creates the <see cref="Uri"/> for requests from a slide's address. Its path and query are sent to the server byte for byte, because a signature covers them:
/// <see cref="Uri"/> itself would turn <c>%7E</c> into <c>~</c> and resolve <c>..</c>. The host is parsed by <see cref="Uri"/>.
/// </summary>
public static class SlideUrl
{
    static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>True if the text begins with <c>http://</c> or <c>https://</c>.</summary>
    public static bool IsHttp(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The address for requests.</summary>
    /// <exception cref="UriFormatException">The text is not an http or https URL, or contains a blank or a control character. The message does not repeat the address, because it may contain a signature.</exception>
    public static Uri Parse(string text) => TryParse(text, out var url, out var problem) ? url : throw new UriFormatException(problem);

    /// <summary>The address for requests, or the problem with the text, in one sentence.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        problem = IsHttp(text) ? Refused(text) : "The address is not an absolute http or https URL.";
        if (problem is not null) return false;
        if (Uri.TryCreate(Sent(text), in AsWritten, out url)) return true;
        problem = "The address has no valid host.";
        return false;
    }

    // Characters that Uri would remove or escape: a line break in a request is an attack or a copy error, and the signature is for the unescaped text.
    static string? Refused(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) || char.IsWhiteSpace(text[i]))
                return $"The address has a blank or control character (U+{(int)text[i]:X4}) as character {i + 1} of {text.Length}. Write the address exactly as it was signed; a blank is %20.";
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return $"Character {i + 1} of {text.Length} of the address is an incomplete Unicode character. Copy the address again.";
            i++;
        }
        return null;
    }

    /// <summary>Removes the fragment, which is never sent; adds the path if it is empty; escapes characters that are not ASCII, as HTTP requires.</summary>
    static string Sent(string text)
    {
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        if (fragment >= 0) text = text[..fragment];
        var authority = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = text.AsSpan(authority).IndexOfAny('/', '?');
        if (path < 0) return text + "/";
        var sent = new StringBuilder(text, 0, path + authority, text.Length + 1);
        if (text[path + authority] == '?') sent.Append('/');
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.AsSpan(path + authority).EnumerateRunes())
        {
            if (rune.IsAscii) sent.Append((char)rune.Value);
            else
                foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)]) sent.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return sent.ToString();
    }
}
