using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Staging;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A signature covers the address byte for byte: that is how it reaches the server.</summary>
public sealed class SlideUrlTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Targets => new()
    {
        { "/b/slide%20(1).svs?X-Amz-Signature=ab%2Fcd", "" },
        { "/b/a%2Bb+c.svs?sig=a%2Bb+c%3D%3D", "" },
        { "/b/x%2Fy.svs?X-Amz-Credential=AK%2F2026%2Fs3", "" },
        { "/b/a//b.svs?s=1", "" },
        { "//a", "" },
        { "/b/a/../b/./c/%2E%2E/%2e/d.svs?s=/../x", "" },
        { "/b/a%2E.svs?s=1", "" },
        { "/b/a.svs.?s=1.", "" },
        { "/b/...", "" },
        { "/b/%7Euser/~x.svs?s=%7E~", "" },
        { "/b/%e2%82%ac%C3%A9%c3%A9.svs?s=%c3%a9", "" },
        { "/b/%27quote'%27.svs?x=%27'", "" },
        { "/b/a%5Bb%5D[1]{2}.svs?x=[1]", "" },
        { "/b/%21!%2A*%2C,%3B;%3D=%40@%24$.svs?s=%21%2A", "" },
        { "/b/a%25b%2525%zz%.svs?s=%25%", "" },
        { "/b/a|b^c`d\"e<f>.svs?s=a|b", "" },
        { "/b/a\\..\\b.svs?s=\\", "" },
        { "/b/x.svs?s=1&t=a%0Ab%00", "" },
        { "/b/x.svs??a=1&&b&=&", "" },
        { "/b/x.svs?", "" },
        { "/?s=1", "" },
        { "?s=1", "/?s=1" },
        { "", "/" },
        { "/b/x.svs?s=1#part", "/b/x.svs?s=1" },
        { "#part", "/" },
        { "/b/\u00e9\u20ac\ud83d\ude00.svs?s=\u00e9", "/b/%C3%A9%E2%82%AC%F0%9F%98%80.svs?s=%C3%A9" },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_signed_url_reaches_the_server_byte_for_byte(string written, string sent)
    {
        await using var server = new WireServer();
        using var http = new SlideHttp(OutboundOptions.Of(["127.0.0.1"], ["127.0.0.1"]));
        var url = $"http://127.0.0.1:{server.Port}{written}";
        await using (await HttpSource.OpenAsync(url, new SlideOptions(), Token))
        await using (await HttpSource.OpenAsync(url, http.Options, Token))
            Assert.All(server.Targets, target => Assert.Equal(sent.Length > 0 ? sent : written, target));
        // What a program passes on as a Uri, however it made that.
        await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(new Uri(url), http.Options, Token));
        await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(SlideUrl.Parse(url), http.Options, Token));
        Assert.All(server.Targets, target => Assert.Equal(sent.Length > 0 ? sent : written, target));
        Assert.Equal(4, server.Targets.Count);
    }

    [Theory]
    [InlineData("https://h/a b")]
    [InlineData("https://h/a?s=1 ")]
    [InlineData("https://h/a\r\nX: y")]
    [InlineData("https://h/a\nb")]
    [InlineData("https://h/a\tb")]
    [InlineData("https://h/a\0")]
    [InlineData("https://h/a\u007f")]
    [InlineData("https://h/a\u0085")]
    [InlineData("https://h/a\u00a0b")]
    [InlineData("https://h/a\u2028b")]
    [InlineData("https://h\r\n.evil.example/a")]
    [InlineData(" https://h/a")]
    [InlineData("https:/h/a")]
    [InlineData("https:///a")]
    [InlineData("https://")]
    [InlineData("https://h\\@evil.example/a")]
    [InlineData("https://h:99999/a")]
    [InlineData("https://%68/a")]
    [InlineData("ftp://h/a")]
    [InlineData("file:///etc/passwd")]
    [InlineData("")]
    public async Task What_is_no_address_or_breaks_a_request_is_refused_and_not_repeated(string text)
    {
        Assert.False(SlideUrl.TryParse(text, out var url, out var problem));
        Assert.Null(url);
        Assert.DoesNotContain("evil", problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => HttpSource.OpenAsync(text, cancellationToken: Token));
    }

    [Fact]
    public void Half_a_character_is_refused() // Not a case above: an attribute cannot hold it.
    {
        Assert.False(SlideUrl.TryParse("https://h/" + (char)0xD83D, out _, out var problem));
        Assert.Equal("Character 11 of 11 of the address is an incomplete Unicode character. Copy the address again.", problem);
    }

    [Theory]
    [InlineData("https://s3.example/bucket/%7Ea", true)]
    [InlineData("https://s3.example/bucket/a/../b", false)]
    [InlineData("https://s3.example/bucket/../other", false)]
    [InlineData("https://s3.example/bucket/%2e%2e/other", false)]
    [InlineData("https://s3.example/bucket/..", false)]
    [InlineData("https://s3.example/bucket/a\\..\\..\\other", false)]
    [InlineData("https://s3.example/x/../bucket/a", false)]
    [InlineData("https://s3.example//bucket/a", false)]
    [InlineData("https://s3.example?/bucket/a", false)]
    [InlineData("https://s3.example#/bucket/a", false)]
    [InlineData("https://s3.example@evil.example/bucket/a", false)]
    [InlineData("https://evil.example/@s3.example/bucket/a", false)]
    [InlineData("https://S3.EXAMPLE.:443/bucket/a", true)]
    public void The_checks_of_an_address_see_the_host_and_the_path_that_are_asked_for(string text, bool isAllowed) =>
        Assert.Equal(isAllowed, OutboundOptions.Of([], ["s3.example/bucket/"]).Refusal(SlideUrl.Parse(text)) is null);

    [Fact]
    public void Two_objects_whose_paths_a_browser_would_take_for_one_have_two_copies()
    {
        Assert.NotEqual(StagedObject.KeyOf("https://s/a/../b?X-Amz-Signature=1"), StagedObject.KeyOf("https://s/b?X-Amz-Signature=1"));
        Assert.NotEqual(StagedObject.KeyOf("https://s/a//b"), StagedObject.KeyOf("https://s/a/b"));
    }
}
