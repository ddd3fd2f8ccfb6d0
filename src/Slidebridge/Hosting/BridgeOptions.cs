using System.Net;
using Slidebridge.Api;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Delivery;
using Slidebridge.Execution;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Telemetry;
using Slidebridge.Verification;
using Slidebridge.Webhook;

namespace Slidebridge.Hosting;

/// <summary>The options of every feature, checked as a whole before anything is started.</summary>
sealed record BridgeOptions(
    IPEndPoint Listen,
    string Data,
    DatabaseOptions Database,
    NodeOptions Node,
    PlatformOptions Platform,
    ClassifierOptions Classifier,
    OutboundOptions Outbound,
    OpeningOptions Opening,
    WebhookOptions Webhook,
    WebhookLimitOptions Limits,
    VerificationOptions Verification,
    ProxyOptions Proxies,
    KeyRingOptions KeyRing,
    ApiOptions Api,
    DeliveryOptions Delivery,
    RetryOptions Retries,
    StagingOptions Staging,
    FreeSpaceOptions FreeSpace,
    RetentionOptions Retention,
    TelemetryOptions Telemetry)
{
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public static BridgeOptions From(SettingValues values, string defaultClassifier)
    {
        var platform = PlatformFrom(values);
        var backoff = new Backoff(values.Time(ServeSettings.RetryFirst), values.Time(ServeSettings.RetryLongest));
        if (backoff.First > backoff.Longest) throw new SettingException("--retry-first is longer than --retry-longest.");
        var data = values.Text(ServeSettings.Data)!;
        var cache = Path.GetFullPath(values.Text(ServeSettings.Cache) ?? Path.Combine(data, "slides"));
        var listen = ListenAddress(values);
        var window = Positive(values, ServeSettings.DeliveryWindow);
        var (webhook, node) = (WebhookFrom(values), NodeFrom(values));
        var api = new ApiOptions(SecretStrength.Check(ServeSettings.ApiToken, values.Text(ServeSettings.ApiToken)), IPAddress.IsLoopback(listen));
        SecretStrength.CheckDifferent([(ServeSettings.ApiToken, api.Token), (ServeSettings.ApiKeySecret, platform.ApiKeySecret), .. webhook.Keys.Select(k => (ServeSettings.WebhookKey, (string?)k))]);
        if (node.TakesTasks && webhook.Keys.Count == 0 && !api.IsLoopback)
            throw new SettingException("--webhook-key: a bridge that other machines can reach needs one, or anybody could send it tasks. Set one of 16 characters or more, or use --listen localhost.");
        return new BridgeOptions(
            new IPEndPoint(listen, values.Number(ServeSettings.Port, 0, 65535)),
            data,
            DatabaseFrom(values.Text(ServeSettings.Database)),
            node,
            platform,
            ClassifiersFrom(values, defaultClassifier),
            OutboundFrom(values),
            new OpeningOptions(AtLeast(values, ServeSettings.OpenTimeout, TimeSpan.FromMilliseconds(100))),
            webhook,
            new WebhookLimitOptions(values.Number(ServeSettings.WebhookRate, 0, 1_000_000), values.Number(ServeSettings.MostUnverified, 0, 10_000_000), values.Number(ServeSettings.MostWaiting, 0, 100_000_000)),
            new VerificationOptions(window, backoff.First),
            ProxiesFrom(values),
            new KeyRingOptions(values.Text(ServeSettings.KeyRing)),
            api,
            new DeliveryOptions(window, values.Time(ServeSettings.DeliverySettle), backoff, values.Choice(ServeSettings.DeliveryReportFailures, "yes", "no") == "yes"),
            new RetryOptions(values.Number(ServeSettings.SlideTries, 1, 1000), backoff),
            new StagingOptions(cache, values.Bytes(ServeSettings.CacheSize), values.Time(ServeSettings.StageBefore)),
            new FreeSpaceOptions(values.Bytes(ServeSettings.MinFree), [Path.GetFullPath(data), cache]),
            new RetentionOptions(values.TimeOrForever(ServeSettings.KeepResults)),
            TelemetryOptions.From(values.Url(ServeSettings.OtlpEndpoint)));
    }

    /// <summary>Where slides may come from, also for commands that open one without a bridge.</summary>
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public static OutboundOptions OutboundFrom(SettingValues values)
    {
        return new OutboundOptions(Each(ServeSettings.AllowHost, HostPattern.Parse), Each(ServeSettings.SlideHost, SlideHost.Parse), Each(ServeSettings.DenyNetwork, OutboundOptions.NetworkOf));

        List<T> Each<T>(Setting setting, Func<string, T> parse)
        {
            try
            {
                return [.. values.Texts(setting).Select(parse)];
            }
            catch (FormatException e)
            {
                throw new SettingException($"{setting.Flag}: {e.Message}.");
            }
        }
    }

    /// <summary>The value of <c>--database</c>, also for commands that take it alone.</summary>
    /// <exception cref="SettingException">It cannot be.</exception>
    public static DatabaseOptions DatabaseFrom(string? text)
    {
        try
        {
            return DatabaseOptions.From(text);
        }
        catch (FormatException e)
        {
            throw new SettingException($"{ServeSettings.Database.Flag}: {e.Message}");
        }
    }

    /// <summary>The classifiers, also for commands that run one without a bridge.</summary>
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public static ClassifierOptions ClassifiersFrom(SettingValues values, string defaultClassifier)
    {
        var limits = new ClassifierLimits(
            values.TimeOrForever(ServeSettings.TaskTimeout), Positive(values, ServeSettings.StartTimeout),
            values.Bytes(ServeSettings.ProgramMemory) is > 0 and var bytes ? bytes : null,
            values.Text(ServeSettings.Processes) is null ? null : values.Number(ServeSettings.Processes, 1, 1024), values.Text(ServeSettings.Python)!, values.Choice(ServeSettings.ProgramUrls, "yes", "no") == "yes");
        var sections = values.File is { } file ? new ClassifierSections(file, limits) : null;
        var (named, routes) = (values.Text(ServeSettings.Classifier), sections?.Routes());
        if (routes is not null && named is not null && values.IsFromFile(ServeSettings.Classifier))
            throw values.File!.Wrong(values.File.Section(SettingsFile.Routes)!.Line, "classifier and routes exclude each other: end the routes with { \"classifier\": … } for what no other rule takes");
        var classifiers = sections?.Classifiers() ?? [];
        if (named is null && routes is null && classifiers.Count > 0)
            throw values.File!.Wrong(values.File.Section(SettingsFile.Classifiers)!.Line, "there are classifiers, but nothing says which tasks they take: add \"routes\": [{ \"classifier\": … }]");
        return new ClassifierOptions(
            classifiers, named is null && routes is not null ? routes : [new ClassifierRoute(named ?? defaultClassifier)],
            values.Number(ServeSettings.Concurrency, 1, 1024), values.Choice(ServeSettings.ConcurrencyScope, "node", "cluster") == "cluster",
            Name(ServeSettings.Group, values.Text(ServeSettings.Group)!), limits, ProgramsFrom(values))
        {
            LogToNode = values.Choice(ServeSettings.ClassifierLog, "task", "node") == "node",
        };
    }

    static ProgramOptions ProgramsFrom(SettingValues values)
    {
        foreach (var name in values.Texts(ServeSettings.ProgramEnv).Where(ProgramEnvironment.IsOfTheBridge))
            throw new SettingException($"{ServeSettings.ProgramEnv.Flag}: {name} is a setting of the bridge, or a secret of it, and is given to no program. Give the program a variable of another name.");
        var largest = values.Bytes(ServeSettings.LargestResult);
        if (largest is < 1000 or > MostOfResult) throw new SettingException($"{ServeSettings.LargestResult.Flag}: {largest} bytes; an amount from 1KB to 1GiB is expected.");
        return new ProgramOptions(
            values.Choice(ServeSettings.ProgramSandbox, "auto", "strict", "off") switch { "strict" => SandboxMode.Strict, "off" => SandboxMode.Off, _ => SandboxMode.Auto },
            values.Text(ServeSettings.ProgramUser), values.Texts(ServeSettings.ProgramEnv), largest, values.File is { } file ? [Path.GetFullPath(file.Path)] : []);
    }

    /// <summary>What an array of .NET can hold with room to spare.</summary>
    const long MostOfResult = 1024 * 1024 * 1024;

    static NodeOptions NodeFrom(SettingValues values)
    {
        var role = values.Choice(ServeSettings.Role, "all", "web", "worker") switch { "web" => NodeRole.Web, "worker" => NodeRole.Worker, _ => NodeRole.All };
        if (role is not NodeRole.All && values.Text(ServeSettings.Database) is null)
            throw new SettingException($"{ServeSettings.Role.Flag}: a node that does a part only shares its tasks with others by --database.");
        return new NodeOptions(
            NodeOptions.MakeName(), role, [.. values.Texts(ServeSettings.Serve).Select(g => Name(ServeSettings.Serve, g))],
            values.Number(ServeSettings.CompanyLimit, 0, 100_000) is > 0 and var limit ? limit : null,
            values.Number(ServeSettings.CrashLimit, 1, 1000),
            values.Time(ServeSettings.Drain), AtLeast(values, ServeSettings.Poll, TimeSpan.FromMilliseconds(10)),
            AtLeast(values, ServeSettings.CheckIn, TimeSpan.FromMilliseconds(100)), AtLeast(values, ServeSettings.CheckInLimit, TimeSpan.FromMilliseconds(100)));
    }

    /// <summary>Whether a text can name a group.</summary>
    internal static bool IsName(string text) => text is { Length: > 0 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    static string Name(Setting setting, string text) => IsName(text)
        ? text : throw new SettingException($"{setting.Flag}: '{text}' is no name of letters, digits and - _ .");

    /// <summary>The address that the bridge listens on.</summary>
    internal static IPAddress ListenAddress(SettingValues values) => values.Text(ServeSettings.Listen) switch
    {
        "any" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        var text => IPAddress.TryParse(text, out var address) ? address : throw new SettingException($"{ServeSettings.Listen.Flag}: '{text}' is no IP address, 'any' or 'localhost'."),
    };

    /// <summary>Where the platform is, and the key for it.</summary>
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public static PlatformOptions PlatformFrom(SettingValues values)
    {
        var keyId = values.Text(ServeSettings.ApiKeyId);
        var keySecret = values.Text(ServeSettings.ApiKeySecret);
        if (keyId is null != keySecret is null) throw new SettingException("--api-key-id and --api-key-secret go together; one of them is missing.");
        return new PlatformOptions(PlatformAddress(values), keyId, keySecret, Positive(values, ServeSettings.PlatformTimeout));
    }

    static Uri PlatformAddress(SettingValues values)
    {
        if (values.Url(ServeSettings.PlatformUrl) is { } url)
            return url.PathAndQuery == "/" ? url : throw new SettingException($"{ServeSettings.PlatformUrl.Flag}: only scheme, host and port are expected; /api/v3 is added.");
        var host = values.Text(ServeSettings.Host)!;
        return Uri.CheckHostName(host) is not UriHostNameType.Unknown
            ? new Uri($"https://api.{host}")
            : throw new SettingException($"{ServeSettings.Host.Flag}: '{host}' is no host name; app.techcyte.com or ci.techcyte.com is expected (a whole URL goes to --platform-url).");
    }

    static WebhookOptions WebhookFrom(SettingValues values)
    {
        var keys = values.Texts(ServeSettings.WebhookKey);
        if (keys.Count > 2) throw new SettingException($"{ServeSettings.WebhookKey.Flag}: {keys.Count} keys; at most two are valid at a time.");
        foreach (var key in keys)
        {
            if (!key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~')) throw new SettingException($"{ServeSettings.WebhookKey.Flag}: only letters, digits and - _ . ~ fit into a URL.");
            SecretStrength.Check(ServeSettings.WebhookKey, key);
        }
        return new WebhookOptions(keys, values.Choice(ServeSettings.AllowTokenlessTasks, "yes", "no") == "yes", values.Choice(ServeSettings.KeepUnknownFields, "yes", "no") == "yes");
    }

    static ProxyOptions ProxiesFrom(SettingValues values)
    {
        try
        {
            var proxies = ProxyOptions.From(values.Texts(ServeSettings.TrustedProxy));
            foreach (var network in proxies.Trusted.Where(n => n.PrefixLength < 8))
                throw new SettingException($"{ServeSettings.TrustedProxy.Flag}: {network} is nearly everybody, who could then name himself as he likes. Name the proxy's own address or network.");
            return proxies;
        }
        catch (FormatException e)
        {
            throw new SettingException($"{ServeSettings.TrustedProxy.Flag}: {e.Message}.");
        }
    }

    static TimeSpan AtLeast(SettingValues values, Setting setting, TimeSpan least) =>
        values.Time(setting) is var time && time >= least ? time : throw new SettingException($"{setting.Flag}: {least.TotalMilliseconds:0} ms or more is expected.");

    static TimeSpan Positive(SettingValues values, Setting setting) =>
        values.Time(setting) is var time && time > TimeSpan.Zero ? time : throw new SettingException($"{setting.Flag}: more than zero is expected.");
}
