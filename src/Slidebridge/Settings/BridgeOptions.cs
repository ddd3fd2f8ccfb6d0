using System.Net;
using Slidebridge.Classifiers;
using Slidebridge.Delivery;
using Slidebridge.Security;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Webhook;

namespace Slidebridge.Settings;

/// <summary>The options of every feature, checked as a whole before anything is started.</summary>
sealed record BridgeOptions(
    IPEndPoint Listen,
    string Data,
    PlatformOptions Platform,
    ClassifierOptions Classifier,
    OutboundOptions Outbound,
    WebhookOptions Webhook,
    ApiOptions Api,
    DeliveryOptions Delivery,
    RetryOptions Retries)
{
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public static BridgeOptions From(SettingValues values, string defaultClassifier)
    {
        var keyId = values.Text(ServeSettings.ApiKeyId);
        var keySecret = values.Text(ServeSettings.ApiKeySecret);
        if (keyId is null != keySecret is null) throw new SettingException("--api-key-id and --api-key-secret go together; one of them is missing.");

        var backoff = new Backoff(values.Time(ServeSettings.RetryFirst), values.Time(ServeSettings.RetryLongest));
        if (backoff.First > backoff.Longest) throw new SettingException("--retry-first is longer than --retry-longest.");
        return new BridgeOptions(
            new IPEndPoint(ListenAddress(values), values.Number(ServeSettings.Port, 0, 65535)),
            values.Text(ServeSettings.Data)!,
            new PlatformOptions(PlatformAddress(values), keyId, keySecret, Positive(values, ServeSettings.PlatformTimeout)),
            new ClassifierOptions(values.Text(ServeSettings.Classifier) ?? defaultClassifier, values.Number(ServeSettings.Concurrency, 1, 1024)),
            new OutboundOptions(values.Texts(ServeSettings.AllowHost)),
            new WebhookOptions(WebhookKey(values)),
            new ApiOptions(values.Text(ServeSettings.ApiToken)),
            new DeliveryOptions(Positive(values, ServeSettings.DeliveryWindow), values.Time(ServeSettings.DeliverySettle), backoff),
            new RetryOptions(values.Number(ServeSettings.SlideTries, 1, 1000), backoff));
    }

    static IPAddress ListenAddress(SettingValues values) => values.Text(ServeSettings.Listen) switch
    {
        "any" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        var text => IPAddress.TryParse(text, out var address) ? address : throw new SettingException($"{ServeSettings.Listen.Flag}: '{text}' is no IP address, 'any' or 'localhost'."),
    };

    static Uri PlatformAddress(SettingValues values)
    {
        if (values.Url(ServeSettings.PlatformUrl) is { } url)
            return url.PathAndQuery == "/" ? url : throw new SettingException($"{ServeSettings.PlatformUrl.Flag}: only scheme, host and port are expected; /api/v3 is added.");
        var host = values.Text(ServeSettings.Host)!;
        return Uri.CheckHostName(host) is not UriHostNameType.Unknown
            ? new Uri($"https://api.{host}")
            : throw new SettingException($"{ServeSettings.Host.Flag}: '{host}' is no host name; app.techcyte.com or ci.techcyte.com is expected (a whole URL goes to --platform-url).");
    }

    static string? WebhookKey(SettingValues values) => values.Text(ServeSettings.WebhookKey) is not { } key ? null
        : key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~') ? key
        : throw new SettingException($"{ServeSettings.WebhookKey.Flag}: only letters, digits and - _ . ~ fit into a URL.");

    static TimeSpan Positive(SettingValues values, Setting setting) =>
        values.Time(setting) is var time && time > TimeSpan.Zero ? time : throw new SettingException($"{setting.Flag}: more than zero is expected.");
}
