using Microsoft.Extensions.Time.Testing;
using Slidebridge.Events;
using Slidebridge.Storage;
using Slidebridge.Tests.Support;
using StandardWebhooks;

namespace Slidebridge.Tests.Events;

public sealed class SignatureTests
{
    static HttpRequestMessage Sign(string body, params string[] secrets)
    {
        using var sink = new WebhookSink(new EventUrl(new Uri("https://lab.example/events"), secrets), new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1614265330)));
        return sink.Sign(new OutgoingEvent { Sink = "url", EventId = "msg_p5jXN8AQM9LWM0D4loKWxJek", Subject = "task-1", Type = "test", Body = body });
    }

    [Fact]
    public void The_published_example_gets_the_published_signature()
    {
        using var request = Sign("""{"test": 2432232314}""", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Assert.Single(request.Headers.GetValues("webhook-signature")));
        Assert.Equal("1614265330", Assert.Single(request.Headers.GetValues("webhook-timestamp")));
        Assert.Equal("msg_p5jXN8AQM9LWM0D4loKWxJek", Assert.Single(request.Headers.GetValues("webhook-id")));
        Assert.Equal(HttpMethod.Post, request.Method);
    }

    [Fact]
    public void While_a_secret_is_replaced_both_sign()
    {
        using var request = Sign("{}", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", EventReceiver.Secret);
        var expected = new StandardWebhook(EventReceiver.Secret).Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), "{}");
        var signatures = Assert.Single(request.Headers.GetValues("webhook-signature")).Split(' ');
        Assert.Equal(2, signatures.Length);
        Assert.Equal(expected, signatures[1]);
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", null)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "must be whsec_ and base64")]
    [InlineData("whsec_no base64!", "must be whsec_ and base64")]
    [InlineData("whsec_c2hvcnQ=", "has 5 bytes after base64, but needs 24 to 64")]
    [InlineData("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "too few different bytes")]
    public void A_weak_secret_is_refused_without_being_shown(string secret, string? why)
    {
        if (why is null)
        {
            Assert.Equal(secret, EventSecret.Check(secret));
            return;
        }
        var message = Assert.Throws<FormatException>(() => EventSecret.Check(secret)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, message, StringComparison.Ordinal);
    }
}
