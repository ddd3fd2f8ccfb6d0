namespace Slidebridge.Security;

/// <summary>A host that slides may come from, or a part of it: <c>host</c>, <c>*.suffix</c>, <c>host/bucket/</c>.</summary>
/// <param name="Host">The host.</param>
/// <param name="Path">The start of the URL's path; <c>/</c> for the whole host. It ends with a slash, so that bucket <c>a</c> does not match <c>ab</c>.</param>
sealed record SlideHost(HostPattern Host, string Path)
{
    // A store may decode a path once more than it should; a path that is still encoded after this many times is not a slide's.
    const int MostDecodings = 4;

    /// <exception cref="FormatException">The text is not a host; the message says why.</exception>
    public static SlideHost Parse(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal)) throw new FormatException($"'{text}' is a URL; give only the host, with a path if you mean a part of it");
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? "/" : text[slash..].TrimEnd('/') + "/";
        return Leads(path) || path.AsSpan().ContainsAny("?#%\\ ") || path.Contains("//", StringComparison.Ordinal)
            ? throw new FormatException($"'{text}': the path must be plain names with slashes between them") : new SlideHost(HostPattern.Parse(slash < 0 ? text : text[..slash]), path);
    }

    /// <summary>Whether a URL is of this host and below this path, however often a server decodes it.</summary>
    public bool Has(Uri url) =>
        Host.Matches(HostPattern.Canonical(url.IdnHost)) && (Host.Port is not { } port || port == url.Port)
        && url.AbsolutePath.StartsWith(Path, StringComparison.Ordinal) && (Path == "/" || !Leads(url.AbsolutePath));

    /// <summary>Whether a path leaves its folder ('..'), after any number of decodings.</summary>
    static bool Leads(string path)
    {
        for (var i = 0; i < MostDecodings; i++)
        {
            if (path.Split('/', '\\').Any(segment => segment.Split(';')[0].TrimEnd(' ') is "." or "..") || path.Contains('\\', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal)) return true;
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path) return false;
            path = decoded;
        }
        return true;
    }
}
