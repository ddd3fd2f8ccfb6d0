using Slidebridge.Techcyte;

namespace Slidebridge.Tests.Techcyte;

public sealed class PlatformIdTests
{
    [Theory]
    [InlineData("dGFzazoxODU3MTQ=", 185714)]
    [InlineData("dGFzazoxODU3MTQ", 185714)]
    [InlineData("task:185714", 185714)]
    [InlineData("185714", 185714)]
    public void Every_spelling_of_an_id_is_the_same_number(string text, long expected)
    {
        Assert.True(PlatformId.TryParse(text, "task", out var number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-4")]
    [InlineData("+4")]
    [InlineData(" 4")]
    [InlineData("99999999999999999999")]
    [InlineData("case:5")]
    [InlineData("%%%")]
    [InlineData("dGFzazo=")]
    public void What_is_no_id_is_refused(string? text) => Assert.False(PlatformId.TryParse(text, "task", out _));

    [Fact]
    public void A_formatted_id_is_read_back()
    {
        Assert.Equal("dGFzazoxODU3MTQ=", PlatformId.Format("task", 185714));
        Assert.True(PlatformId.TryParse(PlatformId.Format("case", long.MaxValue), "case", out var number));
        Assert.Equal(long.MaxValue, number);
    }

    [Fact]
    public void An_id_of_any_type_is_read_where_the_type_may_differ()
    {
        Assert.True(PlatformId.TryParse(PlatformId.Format("humanCase", 42), null, out var number));
        Assert.Equal(42, number);
        Assert.False(PlatformId.TryParse("no id: 42", null, out _));
    }

    [Fact]
    public void A_tokens_expiry_is_read_and_rubbish_has_none()
    {
        var payload = Convert.ToBase64String("{\"exp\":1700000000}"u8).TrimEnd('=');
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000), AccessToken.Expiry($"e.{payload}.s"));
        Assert.Null(AccessToken.Expiry("opaque"));
        Assert.Null(AccessToken.Expiry("a.b.c"));
        Assert.Null(AccessToken.Expiry($"e.{Convert.ToBase64String("{\"exp\":\"x\"}"u8)}.s"));
    }
}
