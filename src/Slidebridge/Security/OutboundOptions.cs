using System.Net;

namespace Slidebridge.Security;

/// <summary>Where slides may be fetched from: docs/decisions/outbound.md.</summary>
/// <param name="AllowedHosts">Hosts that may be reached though they are private or speak plain http.</param>
/// <param name="SlideHosts">The only hosts that slides come from; empty: every host that may be reached.</param>
/// <param name="DeniedNetworks">Networks that are never reached, also by hosts that are allowed.</param>
sealed record OutboundOptions(IReadOnlyList<HostPattern> AllowedHosts, IReadOnlyList<SlideHost> SlideHosts, IReadOnlyList<IPNetwork> DeniedNetworks)
{
    const int Http = 80, Https = 443;

    /// <exception cref="FormatException">A text names no host or network; the message says why.</exception>
    public static OutboundOptions Of(IEnumerable<string> allowedHosts, IEnumerable<string>? slideHosts = null, IEnumerable<string>? deniedNetworks = null) => new(
        [.. allowedHosts.Select(HostPattern.Parse)], [.. (slideHosts ?? []).Select(SlideHost.Parse)], [.. (deniedNetworks ?? []).Select(NetworkOf)]);

    /// <summary>Why a URL is not asked for, in one sentence, or null. Its host's address is looked at later: <see cref="MayReach"/>.</summary>
    public string? Refusal(Uri url, bool isSlide = true)
    {
        var host = url.IdnHost;
        if (url.UserInfo.Length > 0) return $"A slide's URL at {host} has a user name or password in it; the bridge sends none.";
        if (isSlide && SlideHosts.Count > 0 && !SlideHosts.Any(each => each.Has(url))) return $"Slides do not come from {host}, or not from this path of it: --slide-host names where they come from.";
        if (IsNamed(host, url.Port)) return null;
        if (url.Scheme != "https") return $"{host} is not a public https host; if slides may come from there, start the bridge with --allow-host {Suggested(host, url.Port)}.";
        return url.Port == Https ? null : $"Port {url.Port} of {host} is not one for slides; if they may come from there, start the bridge with --allow-host {Suggested(host, url.Port)}.";
    }

    /// <summary>Whether a connection to an address of a host may be made.</summary>
    public bool MayReach(string host, int port, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (DeniedNetworks.Any(network => network.Contains(address))) return false;
        // What gives a machine's credentials to whoever asks from it is reached by its own address alone, never by a name that leads there.
        if (PublicAddress.IsMetadata(address)) return AllowedHosts.Any(allowed => !allowed.IsSuffix && allowed.Name == address.ToString() && AllowsPort(allowed, port)) && HostPattern.Canonical(host) == address.ToString();
        return IsNamed(host, port) || PublicAddress.IsPublic(address);
    }

    /// <summary>Why no address of a host is reached, in one sentence.</summary>
    public string WhyUnreachable(string host, IReadOnlyList<IPAddress> addresses) =>
        addresses.Any(address => DeniedNetworks.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))) ? $"{host} is in a network that slides never come from (--deny-network)."
        : addresses.Any(PublicAddress.IsMetadata) ? $"{host} leads to where a cloud gives a machine its credentials; no slide comes from there."
        : $"{host} is not a public https host; if slides may come from there, start the bridge with --allow-host {host}.";

    /// <summary>Whether <c>--allow-host</c> names a host's port.</summary>
    public bool IsNamed(string host, int port)
    {
        var canonical = HostPattern.Canonical(host);
        return AllowedHosts.Any(allowed => allowed.Matches(canonical) && AllowsPort(allowed, port));
    }

    // This machine's own ports are all open where it is named: it is for trials, where a simulator listens on any.
    static bool AllowsPort(HostPattern allowed, int port) => allowed.Port is { } only ? only == port : port is Http or Https || allowed.IsLoopback;

    static string Suggested(string host, int port) => port is Http or Https || new HostPattern(HostPattern.Canonical(host), false, null).IsLoopback ? host : $"{host}:{port}";

    /// <summary>A network, or one address.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IPNetwork NetworkOf(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new FormatException($"'{text}' is no network such as 203.0.113.0/24");
}
