using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Slidebridge.Security;

/// <summary>The proxies that the bridge trusts to report the caller's address.</summary>
/// <param name="Trusted">Their networks; empty: no proxy is trusted.</param>
sealed record ProxyOptions(IReadOnlyList<IPNetwork> Trusted)
{
    /// <summary>Passes the networks to ASP.NET's middleware.</summary>
    public void Configure(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
        options.ForwardLimit = null; // No limit: every trusted proxy in the chain counts.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in Trusted) options.KnownIPNetworks.Add(network);
    }
}
