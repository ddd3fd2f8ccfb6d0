namespace Slidebridge.Security;

/// <summary>Where slides may be fetched from, beside every public host over https.</summary>
/// <param name="AllowedHosts">Hosts that may be reached though they are private or speak plain http: <c>host</c>, or <c>*.suffix</c>.</param>
sealed record OutboundOptions(IReadOnlyList<string> AllowedHosts)
{
    public bool Allows(string host) => AllowedHosts.Any(allowed => Matches(host.Trim('[', ']'), allowed.Trim('[', ']'))); // A URL brackets an IPv6 address.

    static bool Matches(string host, string allowed) =>
        allowed.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(allowed, StringComparison.OrdinalIgnoreCase);
}
