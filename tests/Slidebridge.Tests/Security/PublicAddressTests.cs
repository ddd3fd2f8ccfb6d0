using System.Net;
using Slidebridge.Security;

namespace Slidebridge.Tests.Security;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("::ffff:0:127.0.0.1")] // IPv4-translated, RFC 2765.
    [InlineData("::ffff:0:8.8.8.8")]
    [InlineData("::127.0.0.1")] // IPv4-compatible, RFC 4291.
    [InlineData("::8.8.8.8")]
    [InlineData("::fffe:808:808")]
    [InlineData("2002:7f00:1::1")] // 6to4.
    [InlineData("2001::1")] // Teredo.
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("100::1")]
    [InlineData("1fff::1")]
    [InlineData("4000::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    public void Special_addresses_are_not_public(string address) => Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("52.216.0.1")]
    [InlineData("2600:1f00::1")]
    public void Other_addresses_are(string address) => Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("slides.clinic", true)]
    [InlineData("SLIDES.clinic", true)]
    [InlineData("a.store.clinic", true)]
    [InlineData("store.clinic", false)]
    [InlineData("evilstore.clinic", false)]
    [InlineData("slides.clinic.evil", false)]
    public void A_host_is_allowed_by_its_whole_name_or_its_suffix(string host, bool allowed) =>
        Assert.Equal(allowed, OutboundOptions.Of(["slides.clinic", "*.store.clinic"]).IsNamed(host, 443));

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, "x", false)]
    [InlineData("x", null, false)]
    [InlineData("x", "y", false)]
    [InlineData("x", "x", true)]
    public void A_secret_matches_only_itself(string? expected, string? given, bool matches) => Assert.Equal(matches, SecretComparer.Matches(expected, given));
}
