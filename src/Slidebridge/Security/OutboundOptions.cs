using System.Net;

namespace Slidebridge.Security;

/// <summary>The hosts that slides may be fetched from: docs/decisions/outbound.md.</summary>
/// <param name="AllowedHosts">Hosts that are allowed even if they are private or plain HTTP.</param>
/// <param name="SlideHosts">The only hosts that slides may come from; empty: every allowed host.</param>
/// <param name="DeniedNetworks">Networks that are never reached, even for hosts that are allowed.</param>
sealed record OutboundOptions(IReadOnlyList<HostPattern> AllowedHosts, IReadOnlyList<SlideHost> SlideHosts, IReadOnlyList<IPNetwork> DeniedNetworks)
{
    const int Http = 80, Https = 443;

    /// <exception cref="FormatException">A text is not a host or network; the message says why.</exception>
    public static OutboundOptions Of(IEnumerable<string> allowedHosts, IEnumerable<string>? slideHosts = null, IEnumerable<string>? deniedNetworks = null) => new(
        [.. allowedHosts.Select(HostPattern.Parse)], [.. (slideHosts ?? []).Select(SlideHost.Parse)], [.. (deniedNetworks ?? []).Select(NetworkOf)]);

    /// <summary>Why a URL is refused, in one sentence, or null. The address of its host is checked later: <see cref="MayReach"/>.</summary>
    public string? Refusal(Uri url, bool isSlide = true)
    {
        var host = url.IdnHost;
        if (url.UserInfo.Length > 0) return $"The slide's URL at {host} contains a user name or password, which the bridge does not send. Remove it from the URL.";
        if (isSlide && SlideHosts.Count > 0 && !SlideHosts.Any(each => each.Has(url))) return $"--slide-host does not allow slides from {host}, or not from this path.";
        if (IsNamed(host, url.Port)) return null;
        if (url.Scheme != "https") return $"{host} is not a public https host; to allow slides from this host, start the bridge with --allow-host {Suggested(host, url.Port)}.";
        return url.Port == Https ? null : $"Slides from port {url.Port} of {host} are not allowed; to allow them, start the bridge with --allow-host {Suggested(host, url.Port)}.";
    }

    /// <summary>Whether the bridge may connect to an address of a host.</summary>
    public bool MayReach(string host, int port, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (DeniedNetworks.Any(network => network.Contains(address))) return false;
        // An address that gives a machine's credentials to every program on it is reached only if the address itself is allowed, never by a name that points to it.
        if (PublicAddress.IsMetadata(address)) return AllowedHosts.Any(allowed => !allowed.IsSuffix && allowed.Name == address.ToString() && AllowsPort(allowed, port)) && HostPattern.Canonical(host) == address.ToString();
        return IsNamed(host, port) || PublicAddress.IsPublic(address);
    }

    /// <summary>Why no address of a host may be reached, in one sentence.</summary>
    public string WhyUnreachable(string host, IReadOnlyList<IPAddress> addresses) =>
        addresses.Any(address => DeniedNetworks.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))) ? $"{host} is in a network that --deny-network forbids."
        : addresses.Any(PublicAddress.IsMetadata) ? $"{host} resolves to a cloud's metadata address, which gives out the machine's credentials. The bridge fetches no slides there."
        : $"{host} is not a public https host; to allow slides from this host, start the bridge with --allow-host {host}.";

    /// <summary>Whether <c>--allow-host</c> names a host's port.</summary>
    public bool IsNamed(string host, int port)
    {
        var canonical = HostPattern.Canonical(host);
        return AllowedHosts.Any(allowed => allowed.Matches(canonical) && AllowsPort(allowed, port));
    }

    // If this machine is allowed, all its ports are: this is for trials, where a simulator listens on any port.
    static bool AllowsPort(HostPattern allowed, int port) => allowed.Port is { } only ? only == port : port is Http or Https || allowed.IsLoopback;

    static string Suggested(string host, int port) => port is Http or Https || new HostPattern(HostPattern.Canonical(host), false, null).IsLoopback ? host : $"{host}:{port}";

    /// <summary>A network, or one address.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static IPNetwork NetworkOf(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new FormatException($"'{text}' is not a network such as 203.0.113.0/24");
}
