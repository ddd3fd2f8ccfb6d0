using System.Net;

namespace Slidebridge.Security;

/// <summary>
/// Whether a request comes from a program on this machine: from a loopback address, with a local host name (another name that points here is
/// another site's), without headers of a proxy, not from a page of another site, and not from a classifier program. A proxy or tunnel that adds no headers cannot be distinguished from a local caller.
/// </summary>
static class LocalCaller
{
    /// <summary>Headers that proxies, tunnels and content delivery networks add, in addition to <c>X-Forwarded-…</c>, <c>CF-…</c> and other prefixes.</summary>
    static readonly string[] ProxyHeaders =
    [
        "Forwarded", "Forwarded-For", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Remote-IP", "X-Remote-Addr", "X-Originating-IP", "X-Original-Host", "X-Original-URL", "X-Original-For",
        "X-Host", "X-Scheme", "X-Nginx-Proxy", "X-BlueCoat-Via", "X-ProxyUser-Ip", "True-Client-IP", "Client-IP", "CDN-Loop", "Proxy-Connection", "X-Request-Start", "Ngrok-Trace-Id", "Ngrok-Skip-Browser-Warning",
    ];

    static readonly string[] ProxyPrefixes = ["X-Forwarded", "X_Forwarded", "CF-", "Fastly-", "Fly-", "X-Azure-", "X-Appengine-", "X-Amzn-", "X-Amz-Cf-", "X-Envoy-", "X-Cloud-Trace", "Tailscale-", "X-Ngrok-", "X-Arr-", "Akamai-", "X-Akamai-", "X-Vercel-", "X-Sucuri-"];

    public static bool Is(HttpContext context) =>
        context.Connection is { RemoteIpAddress: { } address, LocalIpAddress: { } here } && IPAddress.IsLoopback(address) && IsOwnPage(context.Request) && !HasProxyHeader(context.Request)
        && !ChildProcesses.Own(new IPEndPoint(address, context.Connection.RemotePort), new IPEndPoint(here, context.Connection.LocalPort));

    /// <summary>Whether a request to a server on a loopback address comes from a program, or from a page of that server: the host has a local name, and no other site's page sent it.</summary>
    public static bool IsOwnPage(HttpRequest request) => IsLocalName(request.Host.Host) && !IsOtherSites(request);

    static bool HasProxyHeader(HttpRequest request) => request.Headers.Any(header =>
        ProxyHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase) || ProxyPrefixes.Any(prefix => header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));

    static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>A browser also sends POSTs for a page of another site; its headers then name that site.</summary>
    public static bool IsOtherSites(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none")
        || (request.Headers.Origin.ToString() is { Length: > 0 } origin && (!Uri.TryCreate(origin, UriKind.Absolute, out var from) || !from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)));
}
