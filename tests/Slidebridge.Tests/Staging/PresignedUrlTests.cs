using CsCheck;
using Slidebridge.Staging;

namespace Slidebridge.Tests.Staging;

public sealed class PresignedUrlTests
{
    [Theory]
    [InlineData("https://s/x?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260304T050607Z&X-Amz-Expires=3600&X-Amz-Signature=ab", "2026-03-04T06:06:07Z")]
    [InlineData("https://s/x?x-amz-date=20260304T050607Z&x-amz-expires=1", "2026-03-04T05:06:08Z")]
    [InlineData("https://s/x?X-Goog-Date=20260304T050607Z&X-Goog-Expires=60&X-Goog-Signature=ab", "2026-03-04T05:07:07Z")]
    [InlineData("https://s/x?sv=2024-11-04&se=2026-03-04T05%3A06%3A07Z&sr=b&sp=r&sig=ab%3D", "2026-03-04T05:06:07Z")]
    [InlineData("https://s/x?se=2026-03-04&sig=ab", "2026-03-04T00:00:00Z")]
    [InlineData("https://s/x?Expires=1772600767&Signature=ab&Key-Pair-Id=K", "2026-03-04T05:06:07Z")]
    public void The_expiry_is_read_from_what_signs_the_url(string url, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), PresignedUrl.ExpiryOf(url));

    [Theory]
    [InlineData("https://s/x")]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("https://s/x?X-Amz-Date=20260304T050607Z")]
    [InlineData("https://s/x?X-Amz-Date=20260304T050607Z&X-Amz-Expires=-5")]
    [InlineData("https://s/x?X-Amz-Date=20260304T050607Z&X-Amz-Expires=99999999999999999999999")]
    [InlineData("https://s/x?X-Amz-Date=99991231T235959Z&X-Amz-Expires=3000000000")]
    [InlineData("https://s/x?X-Amz-Date=99991231T235959Z&X-Amz-Expires=5")]
    [InlineData("https://s/x?X-Amz-Date=20261399T999999Z&X-Amz-Expires=5")]
    [InlineData("https://s/x?X-Amz-Date=&X-Amz-Expires=")]
    [InlineData("https://s/x?X-Amz-Date=%00%ff&X-Amz-Expires=%")]
    [InlineData("https://s/x?se=tomorrow&sig=ab")]
    [InlineData("https://s/x?se=2026-03-04")]
    [InlineData("https://s/x?Expires=9223372036854775807&Signature=ab")]
    [InlineData("https://s/x?Expires=1772600767")]
    [InlineData("no url at all &=&&==")]
    public void What_does_not_say_when_it_expires_is_not_known(string url) => Assert.Null(PresignedUrl.ExpiryOf(url));

    [Fact]
    public void No_url_from_outside_makes_it_throw()
    {
        string[] words = ["X-Amz-Date=", "X-Amz-Expires=", "&", "?", "se=", "sig=", "Expires=", "Signature=", "20260304T050607Z", "99991231T235959Z", "9223372036854775807", "0001-01-01", "%", "\0", "="];
        Gen.Int[0, words.Length - 1].Array[0, 12].Sample(picked => _ = PresignedUrl.ExpiryOf("https://s/x?" + string.Concat(picked.Select(i => words[i]))), iter: 3000);
    }

    [Fact]
    public void The_earliest_expiry_of_several_is_taken_and_those_that_say_nothing_do_not_count()
    {
        string[] urls = ["https://s/a", "https://s/b?X-Amz-Date=20260304T050607Z&X-Amz-Expires=3600", "https://s/c?X-Amz-Date=20260304T050607Z&X-Amz-Expires=60"];
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 5, 7, 7, TimeSpan.Zero), PresignedUrl.EarliestExpiry(urls));
        Assert.Null(PresignedUrl.EarliestExpiry(["https://s/a"]));
        Assert.Null(PresignedUrl.EarliestExpiry([]));
    }

    [Theory]
    [InlineData("https://s/x?X-Amz-Date=1&X-Amz-Signature=a", "https://s/x?X-Amz-Date=2&X-Amz-Signature=b", true)]
    [InlineData("https://s/x?Expires=1&Signature=a&Key-Pair-Id=K", "https://s/x", true)]
    [InlineData("https://s/x?sv=1&se=2&sig=a", "https://s/x?sv=1&se=3&sig=b", true)]
    [InlineData("https://S/x?X-Amz-Signature=a", "https://s/x?X-Amz-Signature=b", true)]
    [InlineData("https://s/x?id=1&X-Amz-Signature=a", "https://s/x?id=2&X-Amz-Signature=a", false)] // A store that names the object in the query.
    [InlineData("https://s/x?versionId=1&X-Amz-Signature=a", "https://s/x?versionId=2&X-Amz-Signature=a", false)]
    [InlineData("https://s/x?sr=1", "https://s/x?sr=2", false)] // No SAS without its sig.
    [InlineData("https://s/x", "https://s/X", false)]
    [InlineData("https://s/x", "http://s/x", false)]
    public void An_object_is_known_by_its_url_without_what_signs_it(string one, string other, bool same) =>
        Assert.Equal(same, StagedObject.KeyOf(one) == StagedObject.KeyOf(other));
}
