using System.Net;
using Slidebridge.Hosting;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Security;

/// <summary>Which URLs and addresses slides are fetched from, and the ways around that.</summary>
public sealed class OutboundTests : ServedSlideTests
{
    [Theory]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*.1")]
    [InlineData("*.0.0.1")]
    [InlineData("*.com")]
    [InlineData("*.com.")]
    [InlineData("*..com")]
    [InlineData("**.store.clinic")]
    [InlineData("store.*.clinic")]
    [InlineData("127.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:*")]
    [InlineData("https://host")]
    [InlineData("host/path")]
    [InlineData("a b")]
    public void An_allowed_host_that_is_none_or_stands_for_too_many_is_refused_at_start(string text)
    {
        Assert.Throws<FormatException>(() => HostPattern.Parse(text));
        var failure = Assert.Throws<SettingException>(() => BridgeOptions.OutboundFrom(new SettingValues(ServeSettings.All, s => s == ServeSettings.AllowHost ? [text] : null, _ => null, null)));
        Assert.StartsWith("--allow-host: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://s3.amazonaws.com/bucket/key", true)]
    [InlineData("https://S3.AMAZONAWS.COM/bucket/key", true)]
    [InlineData("https://s3.amazonaws.com./bucket/key", true)]
    [InlineData("https://s3.amazonaws.com/bucket/a%20b/c%2Fd", true)]
    [InlineData("https://s3.amazonaws.com/bucket", false)]
    [InlineData("https://s3.amazonaws.com/bucket-evil/key", false)]
    [InlineData("https://s3.amazonaws.com/Bucket/key", false)]
    [InlineData("https://s3.amazonaws.com//bucket/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/../other/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/%2e%2e/other/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/..%2fother/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/%2e%2e%2Fother/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/%252e%252e%252fother/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/%25252e%25252e%25252fother/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket\\..\\other/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/..%5cother/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket/..;/other/key", false)]
    [InlineData("https://s3.amazonaws.com/bucket%2f..%2fother/key", false)]
    [InlineData("https://s3.amazonaws.com/x?/bucket/key", false)]
    [InlineData("https://s3.amazonaws.com/#/bucket/key", false)]
    [InlineData("https://s3.amazonaws.com@evil.example/bucket/key", false)]
    [InlineData("https://evil.example/s3.amazonaws.com/bucket/key", false)]
    [InlineData("https://user:word@s3.amazonaws.com/bucket/key", false)]
    [InlineData("https://s3.amazonaws.com:8443/bucket/key", false)]
    [InlineData("http://s3.amazonaws.com/bucket/key", false)]
    [InlineData("https://s3.amazonaws.com.evil.example/bucket/key", false)]
    [InlineData("https://evils3.amazonaws.com/bucket/key", false)]
    [InlineData("https://a.store.clinic/key", true)]
    [InlineData("https://b.a.store.clinic/key", true)]
    [InlineData("https://store.clinic/key", false)]
    [InlineData("https://evilstore.clinic/key", false)]
    [InlineData("https://xn--bcher-kva.example/key", true)]
    [InlineData("https://b\u00FCcher.example/key", true)]
    [InlineData("https://bucher.example/key", false)]
    [InlineData("https://8.8.8.8/key", false)]
    public void With_slide_hosts_slides_come_from_there_alone_however_the_path_is_written(string url, bool isAllowed) =>
        Assert.Equal(isAllowed, OutboundOptions.Of([], ["s3.amazonaws.com/bucket/", "*.store.clinic", "b\u00FCcher.example"]).Refusal(new Uri(url)) is null);

    [Fact]
    public void A_slide_host_alone_allows_no_private_address_and_no_plain_http()
    {
        var options = OutboundOptions.Of([], ["slides.clinic"]);
        Assert.NotNull(options.Refusal(new Uri("http://slides.clinic/a")));
        Assert.False(options.MayReach("slides.clinic", 443, IPAddress.Parse("10.0.0.1")));
        var both = OutboundOptions.Of(["slides.clinic"], ["slides.clinic"]);
        Assert.Null(both.Refusal(new Uri("http://slides.clinic/a")));
        Assert.True(both.MayReach("slides.clinic", 443, IPAddress.Parse("10.0.0.1")));
    }

    [Theory]
    [InlineData("slides.clinic", 80, true)]
    [InlineData("slides.clinic", 443, true)]
    [InlineData("slides.clinic", 22, false)]
    [InlineData("slides.clinic", 5432, false)]
    [InlineData("store.clinic", 9000, true)]
    [InlineData("store.clinic", 9001, false)]
    [InlineData("store.clinic", 443, false)]
    [InlineData("127.0.0.1", 9000, true)]
    [InlineData("127.0.0.2", 9000, false)]
    [InlineData("[::1]", 9000, true)]
    [InlineData("localhost", 9000, false)]
    public void An_allowed_host_allows_its_port_or_the_usual_ones_and_this_machine_any(string host, int port, bool isAllowed) =>
        Assert.Equal(isAllowed, OutboundOptions.Of(["slides.clinic", "store.clinic:9000", "127.0.0.1", "::1"]).IsNamed(host, port));

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("::169.254.169.254")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::a9fe:a9fe")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    public void A_name_that_leads_to_a_clouds_metadata_is_never_reached_even_where_it_is_allowed(string address)
    {
        var options = OutboundOptions.Of(["*.store.clinic", "metadata.google.internal", "store.clinic"]);
        foreach (var host in new[] { "a.store.clinic", "metadata.google.internal", "store.clinic", "evil.example" })
            Assert.False(options.MayReach(host, 80, IPAddress.Parse(address)));
    }

    [Fact]
    public void A_metadata_address_is_reached_where_it_is_named_itself() =>
        Assert.True(OutboundOptions.Of(["169.254.169.254"]).MayReach("169.254.169.254", 80, IPAddress.Parse("169.254.169.254")));

    [Fact]
    public void A_denied_network_is_never_reached_even_by_an_allowed_host()
    {
        var options = OutboundOptions.Of(["slides.clinic"], null, ["52.1.0.0/16", "2600:1f00::/32"]);
        Assert.False(options.MayReach("slides.clinic", 443, IPAddress.Parse("52.1.2.3")));
        Assert.False(options.MayReach("other.example", 443, IPAddress.Parse("::ffff:52.1.2.3")));
        Assert.False(options.MayReach("other.example", 443, IPAddress.Parse("2600:1f00::1")));
        Assert.True(options.MayReach("other.example", 443, IPAddress.Parse("52.2.2.3")));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_to_this_machine_is_not_followed_by_the_bridge_nor_by_the_library(int status)
    {
        var victim = Server.Serve(new byte[1000]);
        var served = Server.Serve(new byte[1000]);
        served.RedirectTo = (status, victim.Url);
        foreach (var options in new[] { new SlideOptions(), StagingHttp.Options })
        {
            var failure = await Assert.ThrowsAsync<SlideSourceException>(() => Slide.OpenAsync(new Uri(served.Url), options, Token));
            Assert.Contains("redirects are not followed", failure.Message, StringComparison.Ordinal);
        }
        Assert.Empty(victim.Asked);
    }

    [Fact]
    public async Task A_port_that_is_not_for_slides_is_not_asked()
    {
        using var http = new SlideHttp(OutboundOptions.Of(["127.0.0.1:1"]));
        var served = Server.Serve(new byte[1000]);
        var failure = await Assert.ThrowsAnyAsync<SlideSourceException>(() => Slide.OpenAsync(new Uri(served.Url), http.Options, Token));
        Assert.Contains("--allow-host", failure.Message, StringComparison.Ordinal);
        Assert.Empty(served.Asked);
    }

    static readonly SlideHttp StagingHttp = new(OutboundOptions.Of(["127.0.0.1"]));
}
