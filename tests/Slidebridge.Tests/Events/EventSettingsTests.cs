using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Events;

public sealed class EventSettingsTests
{
    const string Queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/events.fifo";

    static BridgeOptions Read(params (string Flag, string Value)[] flags) =>
        BridgeOptions.From(new SettingValues(ServeSettings.All, s => flags.Where(f => f.Flag == s.Flag).Select(f => f.Value).ToArray() is { Length: > 0 } values ? values : null, _ => null, null), "boxes");

    [Fact]
    public void Without_a_receiver_there_are_no_events() => Assert.False(Read().Events.IsAny);

    [Fact]
    public void Events_go_to_a_URL_and_to_a_queue()
    {
        var events = Read(("--events-url", "https://10.0.0.7:8443/hook?lab=1"), ("--events-secret", EventReceiver.Secret), ("--events-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), ("--events-sqs", Queue)).Events;
        Assert.Equal(["url", "sqs"], events.Sinks);
        Assert.Equal(("https://10.0.0.7:8443/hook?lab=1", 2), (events.Url!.Address.ToString(), events.Url.Secrets.Count));
        Assert.Equal((Queue, TimeSpan.FromHours(24)), (events.Sqs!.Url.ToString(), events.Window));
        Assert.DoesNotContain("whsec_", events.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_receiver_on_this_machine_needs_no_https() =>
        Assert.Equal("http", Read(("--events-url", "http://127.0.0.1:8080/"), ("--events-secret", EventReceiver.Secret)).Events.Url!.Address.Scheme);

    [Theory]
    [InlineData("--events-url needs --events-secret", "--events-url", "https://lab.example/")]
    [InlineData("--events-secret needs --events-url", "--events-secret", EventReceiver.Secret)]
    [InlineData("--events-url: http://lab.example must begin with https://", "--events-url", "http://lab.example/hook", "--events-secret", EventReceiver.Secret)]
    [InlineData("--events-sqs: http://lab.example must begin with https://", "--events-sqs", "http://lab.example/1/q")]
    [InlineData("--events-url: give no user name, password or fragment", "--events-url", "https://me:pass@lab.example/", "--events-secret", EventReceiver.Secret)]
    [InlineData("--events-secret: the secret must be whsec_ and base64", "--events-url", "https://lab.example/", "--events-secret", "a-secret-of-another-form")]
    [InlineData("--events-sqs-endpoint needs --events-sqs", "--events-sqs-endpoint", "https://lab.example")]
    [InlineData("--events-secret: the same value is given twice", "--events-url", "https://lab.example/", "--events-secret", EventReceiver.Secret, "--events-secret", EventReceiver.Secret)]
    [InlineData("--events-sqs: 'q' is not a queue's URL", "--events-sqs", "q")]
    public void A_wrong_setting_is_refused_in_a_sentence(string message, params string[] flags)
    {
        var thrown = Assert.Throws<SettingException>(() => Read([.. flags.Chunk(2).Select(pair => (pair[0], pair[1]))]));
        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pass@", thrown.Message, StringComparison.Ordinal);
    }
}
