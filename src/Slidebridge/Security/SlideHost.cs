namespace Slidebridge.Security;

/// <summary>A host that slides come from, or a part of it: <c>host</c>, <c>*.suffix</c>, <c>host/bucket/</c>.</summary>
/// <param name="Host">The host.</param>
/// <param name="Path">What the URL's path begins with; <c>/</c> for the whole host. It ends at a slash, so that bucket <c>a</c> is not <c>ab</c>.</param>
sealed record SlideHost(HostPattern Host, string Path)
{
    // A store may decode once more than it should; what is left after so often is no path of a slide.
    const int MostDecodings = 4;

    /// <exception cref="FormatException">It names no host; the message says why.</exception>
    public static SlideHost Parse(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal)) throw new FormatException($"'{text}' is a URL; a host is expected, and a path where only a part of it is meant");
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? "/" : text[slash..].TrimEnd('/') + "/";
        return Leads(path) || path.AsSpan().ContainsAny("?#%\\ ") || path.Contains("//", StringComparison.Ordinal)
            ? throw new FormatException($"'{text}': the path is to be plain names with slashes between them") : new SlideHost(HostPattern.Parse(slash < 0 ? text : text[..slash]), path);
    }

    /// <summary>Whether a URL, as it is sent, is of this host and below this path, however a server decodes it.</summary>
    public bool Has(Uri url) =>
        Host.Matches(HostPattern.Canonical(url.IdnHost)) && (Host.Port is not { } port || port == url.Port)
        && url.AbsolutePath.StartsWith(Path, StringComparison.Ordinal) && (Path == "/" || !Leads(url.AbsolutePath));

    /// <summary>Whether a path leads out of itself, decoded as often as it can be.</summary>
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
