using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Slidebridge.Security;

/// <summary>The proxies whose word on the caller's address is taken.</summary>
/// <param name="Trusted">Their networks; empty: nobody's word is taken.</param>
sealed record ProxyOptions(IReadOnlyList<IPNetwork> Trusted)
{
    /// <summary>What ASP.NET's middleware reads them from.</summary>
    public void Configure(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
        options.ForwardLimit = null; // As many proxies as are trusted, one after the other.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in Trusted) options.KnownIPNetworks.Add(network);
    }
}
