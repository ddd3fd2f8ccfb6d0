using System.Net;
using System.Net.Sockets;

namespace Slidebridge.Security;

/// <summary>Distinguishes addresses of the public internet from all others (IANA's special-purpose registries, RFC 6890).</summary>
static class PublicAddress
{
    static readonly IPNetwork[] NotPublic = Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        // Exceptions within public IPv6: protocols, documentation, and addresses that contain another address.
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");

    // The only part of IPv6 that is assigned to the public (IANA, IPv6 Global Unicast Address Assignments). It also excludes mapped and translated IPv4.
    static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    // The metadata addresses where clouds give a machine its credentials. Azure's 168.63.129.16 looks public; the link-local networks have no other use here.
    static readonly IPNetwork[] Metadata = Networks(
        "169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "fd20:ce::254/128", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32");

    // Prefixes of addresses that end in an IPv4 address, which a gateway may forward to.
    static readonly IPNetwork[] HoldIPv4 = Networks("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48");
    static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !NotPublic.Any(network => network.Contains(address)) && !IsMetadata(address),
            AddressFamily.InterNetworkV6 => GlobalUnicast.Contains(address) && !NotPublic.Any(network => network.Contains(address)),
            _ => false,
        };
    }

    /// <summary>Whether the address is a cloud's metadata address, in any notation.</summary>
    public static bool IsMetadata(IPAddress address) => Metadata.Any(network => network.Contains(address)) || (Held(address) is { } held && Metadata.Any(network => network.Contains(held)));

    static IPAddress? Held(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return null;
        var bytes = address.GetAddressBytes();
        return SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4)) : HoldIPv4.Any(network => network.Contains(address)) ? new IPAddress(bytes.AsSpan(12, 4)) : null;
    }

    static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(network => IPNetwork.Parse(network))];
}
