using System.Globalization;
using System.Net;

namespace Slidebridge.Security;

/// <summary>A host as an operator names it: <c>host</c>, <c>*.suffix</c> or an IP address, each with a port where it says so.</summary>
/// <param name="Name">Lower case, ASCII, without brackets and without a trailing dot; of a suffix what follows the star, with its dot.</param>
/// <param name="IsSuffix">It stands for every host below the suffix.</param>
/// <param name="Port">The only port; null where none was named.</param>
sealed record HostPattern(string Name, bool IsSuffix, int? Port)
{
    static readonly IdnMapping Idn = new();

    /// <summary>An IP address, or a name that stands for this machine.</summary>
    public bool IsLoopback => !IsSuffix && (Name == "localhost" || (IPAddress.TryParse(Name, out var address) && IPAddress.IsLoopback(address)));

    /// <exception cref="FormatException">It names no host, or far too many; the message says why.</exception>
    public static HostPattern Parse(string text)
    {
        var (host, port) = Split(text.Trim());
        if (host.StartsWith('*')) return new HostPattern(SuffixOf(text, host), true, port);
        if (Address(host) is { } address) return new HostPattern(address, false, port);
        return new HostPattern(NameOf(text, host), false, port);
    }

    /// <param name="host">As <see cref="Canonical"/> gives it.</param>
    public bool Matches(string host) => IsSuffix ? host.EndsWith(Name, StringComparison.Ordinal) && host.Length > Name.Length : host == Name;

    /// <summary>A host of a URL as patterns have it: a URL brackets an IPv6 address, and may write a name in capitals or with a trailing dot.</summary>
    public static string Canonical(string host)
    {
        host = host.Trim('[', ']');
        return IPAddress.TryParse(host, out var address) ? address.ToString() : host.ToLowerInvariant().TrimEnd('.');
    }

    static (string Host, int? Port) Split(string text)
    {
        if (IPAddress.TryParse(text, out _)) return (text, null); // An IPv6 address has colons of its own.
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']')) return (text, null);
        return int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? (text[..colon], port) : throw new FormatException($"'{text}' has no port from 1 to 65535 behind its colon");
    }

    // Only as it is written in full: 127.1 and 0x7f.1 are addresses too, and nobody sees which.
    static string? Address(string host)
    {
        var bare = host.Trim('[', ']');
        if (!IPAddress.TryParse(bare, out var address)) return null;
        return address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6 || address.ToString() == bare ? address.ToString() : throw new FormatException($"'{host}' is no address as it is written in full: {address}");
    }

    static string SuffixOf(string text, string host)
    {
        if (!host.StartsWith("*.", StringComparison.Ordinal)) throw new FormatException($"'{text}' is no host and no *.suffix");
        var suffix = NameOf(text, host[2..]);
        return suffix.Contains('.', StringComparison.Ordinal) ? "." + suffix : throw new FormatException($"'{text}' stands for far too many hosts; a suffix has two labels or more, such as *.store.example");
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
            // Told below.
        }
        throw new FormatException($"'{text}' is no host name, *.suffix or IP address");
    }
}
