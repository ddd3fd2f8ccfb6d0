using System.Globalization;
using System.Net;

namespace Slidebridge.Security;

/// <summary>A host as an operator writes it: <c>host</c>, <c>*.suffix</c> or an IP address, each with an optional port.</summary>
/// <param name="Name">Lower case, ASCII, without brackets and without a trailing dot; for a suffix, the part after the star, with its dot.</param>
/// <param name="IsSuffix">The pattern matches every host below the suffix.</param>
/// <param name="Port">The only port; null if none was given.</param>
sealed record HostPattern(string Name, bool IsSuffix, int? Port)
{
    static readonly IdnMapping Idn = new();

    /// <summary>An IP address, or a name of this machine.</summary>
    public bool IsLoopback => !IsSuffix && (Name == "localhost" || (IPAddress.TryParse(Name, out var address) && IPAddress.IsLoopback(address)));

    /// <exception cref="FormatException">The text is not a host, or matches far too many; the message says why.</exception>
    public static HostPattern Parse(string text)
    {
        var (host, port) = Split(text.Trim());
        if (host.StartsWith('*')) return new HostPattern(SuffixOf(text, host), true, port);
        if (Address(host) is { } address) return new HostPattern(address, false, port);
        return new HostPattern(NameOf(text, host), false, port);
    }

    /// <param name="host">In the form that <see cref="Canonical"/> returns.</param>
    public bool Matches(string host) => IsSuffix ? host.EndsWith(Name, StringComparison.Ordinal) && host.Length > Name.Length : host == Name;

    /// <summary>A URL's host in the form of a pattern: a URL puts an IPv6 address in brackets, and may write a name in capitals or with a trailing dot.</summary>
    public static string Canonical(string host)
    {
        host = host.Trim('[', ']');
        return IPAddress.TryParse(host, out var address) ? address.ToString() : host.ToLowerInvariant().TrimEnd('.');
    }

    static (string Host, int? Port) Split(string text)
    {
        if (IPAddress.TryParse(text, out _)) return (text, null); // An IPv6 address contains colons.
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']')) return (text, null);
        return int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? (text[..colon], port) : throw new FormatException($"'{text}' must have a port from 1 to 65535 after its colon");
    }

    // Only an address in full: 127.1 and 0x7f.1 are addresses too, but nobody recognizes them.
    static string? Address(string host)
    {
        var bare = host.Trim('[', ']');
        if (!IPAddress.TryParse(bare, out var address)) return null;
        return address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6 || address.ToString() == bare ? address.ToString() : throw new FormatException($"'{host}' is not a full IP address; write {address}");
    }

    static string SuffixOf(string text, string host)
    {
        if (!host.StartsWith("*.", StringComparison.Ordinal)) throw new FormatException($"'{text}' is neither a host nor a *.suffix");
        var suffix = NameOf(text, host[2..]);
        return suffix.Contains('.', StringComparison.Ordinal) ? "." + suffix : throw new FormatException($"'{text}' matches far too many hosts; a suffix must have two labels or more, such as *.store.example");
    }

    static string NameOf(string text, string host)
    {
        try
        {
            var name = Idn.GetAscii(host.TrimEnd('.')).ToLowerInvariant();
            if (Uri.CheckHostName(name) is UriHostNameType.Dns && !name.Split('.')[^1].All(char.IsAsciiDigit)) return name;
        }
        catch (ArgumentException)
        {
            // Reported below.
        }
        throw new FormatException($"'{text}' is not a host name, *.suffix or IP address");
    }
}
