using System.Net;
using Slidebridge.Checks;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Delivery;
using Slidebridge.Events;
using Slidebridge.Execution;
using Slidebridge.Fleet;
using Slidebridge.Fleet.Engines;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Telemetry;
using Slidebridge.Verification;
using Slidebridge.Webhook;
using Slidebridge.Workers;

namespace Slidebridge.Hosting;

/// <summary>The options of every feature, all checked before anything is started.</summary>
sealed record BridgeOptions(
    IPEndPoint Listen,
    TlsOptions Tls,
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
    HoldOptions Hold,
    LeaseOptions Lease,
    FleetOptions Fleet,
    EventOptions Events,
    LogOptions Log,
    TelemetryOptions Telemetry)
{
    /// <summary>Every setting with its value and where it comes from, for the page that shows them.</summary>
    public IReadOnlyList<SettingInForce> InForce { get; init; } = [];

    /// <summary>What can be checked on a machine.</summary>
    public SetUpOptions SetUp => new(Data, Staging, FreeSpace, Database, KeyRing, Platform, Node, Webhook, Outbound, Classifier, Events);

    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public static BridgeOptions From(SettingValues values, string defaultClassifier)
    {
        var platform = PlatformFrom(values);
        var backoff = BackoffFrom(values);
        var data = values.Get(ServeSettings.Data);
        var staging = Path.GetFullPath(values.Get(ServeSettings.StagingDirectory) ?? Path.Combine(data, "slides"));
        var listen = values.Get(ServeSettings.Listen);
        var window = values.Get(ServeSettings.DeliveryWindow);
        var (webhook, node, events, classifiers) = (WebhookFrom(values), NodeFrom(values), EventsFrom(values, backoff), ClassifiersFrom(values, defaultClassifier));
        var api = new ApiOptions(values.Get(ServeSettings.ApiToken), IPAddress.IsLoopback(listen), values.Get(ServeSettings.BehindProxy), SignInFrom(values), ClientCertificatesFrom(values));
        SecretStrength.CheckDifferent([(ServeSettings.ApiToken, api.Token), (ServeSettings.ApiKeySecret, platform.ApiKeySecret), .. webhook.Keys.Select(k => (ServeSettings.WebhookKey, (string?)k)), .. events.Url?.Secrets.Select(s => (ServeSettings.EventsSecret, (string?)s)) ?? []]);
        if (node.TakesTasks && webhook.Keys.Count == 0 && !api.IsLoopback)
            throw new SettingException("--webhook-key: a bridge that other machines can reach needs one, or anybody could send it tasks. Set one of 16 characters or more, or use --listen localhost.");
        return new BridgeOptions(
            new IPEndPoint(listen, values.Get(ServeSettings.Port)),
            TlsFrom(values, api),
            data,
            values.Get(ServeSettings.Database) ?? new DatabaseOptions(Postgres: null),
            node,
            platform,
            classifiers,
            OutboundFrom(values),
            new OpeningOptions(values.Get(ServeSettings.OpenTimeout)),
            webhook,
            new WebhookLimitOptions(values.Get(ServeSettings.WebhookRate), values.Get(ServeSettings.MostUnverified), values.Get(ServeSettings.MostWaiting)),
            new VerificationOptions(window, backoff.First),
            new ProxyOptions(values.Get(ServeSettings.TrustedProxy)),
            new KeyRingOptions(values.Get(ServeSettings.KeyRing)),
            api,
            new DeliveryOptions(window, values.Get(ServeSettings.DeliverySettle), backoff, values.Get(ServeSettings.DeliveryReportFailures), values.Get(ServeSettings.PostProvenance)),
            new RetryOptions(values.Get(ServeSettings.SlideTries), backoff),
            new StagingOptions(staging, values.Get(ServeSettings.StagingSize), values.Get(ServeSettings.StageBefore)),
            new FreeSpaceOptions(values.Get(ServeSettings.MinFree), [Path.GetFullPath(data), staging]),
            new RetentionOptions(values.Get(ServeSettings.KeepResults), values.Get(ServeSettings.KeepAudit), events.Window + EventsStay),
            new HoldOptions(values.Get(ServeSettings.HoldLimit)),
            new LeaseOptions(values.Get(ServeSettings.LeaseTime)),
            FleetFrom(values, classifiers, events),
            events,
            new LogOptions(values.Get(ServeSettings.LogLevel), values.Get(ServeSettings.LogFormat)),
            TelemetryOptions.From(values.Get(ServeSettings.OtlpEndpoint)))
        { InForce = values.InForce(ServeSettings.All) };
    }

    /// <summary>The hosts that slides may come from, also for commands that open one without a bridge.</summary>
    /// <inheritdoc cref="From"/>
    public static OutboundOptions OutboundFrom(SettingValues values) =>
        new(values.Get(ServeSettings.AllowHost), values.Get(ServeSettings.SlideHost), values.Get(ServeSettings.DenyNetwork));

    /// <summary>The waits between retries, also for commands that deliver without a bridge.</summary>
    /// <inheritdoc cref="From"/>
    public static Backoff BackoffFrom(SettingValues values)
    {
        var backoff = new Backoff(values.Get(ServeSettings.RetryFirst), values.Get(ServeSettings.RetryLongest));
        return backoff.First <= backoff.Longest ? backoff : throw new SettingException("--retry-first is longer than --retry-longest.");
    }

    /// <summary>The platform's address and API key.</summary>
    /// <inheritdoc cref="From"/>
    public static PlatformOptions PlatformFrom(SettingValues values)
    {
        var (keyId, keySecret) = (values.Get(ServeSettings.ApiKeyId), values.Get(ServeSettings.ApiKeySecret));
        if (keyId is null != keySecret is null) throw new SettingException("--api-key-id and --api-key-secret must both be set; one of them is missing.");
        if (values.Get(ServeSettings.PlatformUrl) is { Scheme: "http", IsLoopback: false } plain)
            throw new SettingException($"--platform-url: {plain.GetLeftPart(UriPartial.Authority)} must begin with https://, because results and the API key are sent there.");
        return new PlatformOptions(values.Get(ServeSettings.PlatformUrl) ?? new Uri($"https://api.{values.Get(ServeSettings.Host)}"), keyId, keySecret, values.Get(ServeSettings.PlatformTimeout));
    }

    /// <summary>The classifiers, also for commands that run one without a bridge.</summary>
    /// <inheritdoc cref="From"/>
    public static ClassifierOptions ClassifiersFrom(SettingValues values, string defaultClassifier)
    {
        var sections = values.File is { } file ? new ClassifierSections(file, values) : null;
        var (named, routes) = (values.Get(ServeSettings.Classifier), sections?.Routes());
        if (routes is not null && named is not null && values.IsFromFile(ServeSettings.Classifier))
            throw values.File!.Wrong(values.File.Section(SettingsFile.Routes)!.Line, "classifier and routes cannot both be set: end the routes with { \"classifier\": … } for tasks that no other rule matches");
        var classifiers = sections?.Classifiers() ?? [];
        if (named is null && routes is null && classifiers.Count > 0)
            throw values.File!.Wrong(values.File.Section(SettingsFile.Classifiers)!.Line, "classifiers are defined, but no routes choose their tasks: add \"routes\": [{ \"classifier\": … }]");
        return new ClassifierOptions(
            classifiers, named is null && routes is not null ? routes : [new ClassifierRoute(named ?? defaultClassifier)],
            values.Get(ServeSettings.Concurrency), values.Get(ServeSettings.ConcurrencyScope), values.Get(ServeSettings.Group), LimitsFrom(values), ProgramsFrom(values))
        {
            LogToNode = values.Get(ServeSettings.ClassifierLog),
            ShadowConcurrency = values.Get(ServeSettings.ShadowConcurrency),
        };
    }

    /// <summary>A classifier's limits: from a section of <c>slidebridge.json</c>, or for all classifiers.</summary>
    /// <inheritdoc cref="From"/>
    public static ClassifierLimits LimitsFrom(SettingValues values) => new(
        values.Get(ServeSettings.TaskTimeout), values.Get(ServeSettings.StartTimeout), values.Get(ServeSettings.ProgramMemory) is > 0 and var bytes ? bytes : null,
        values.Get(ServeSettings.Processes), values.Get(ServeSettings.Python), values.Get(ServeSettings.ProgramUrls));

    static ProgramOptions ProgramsFrom(SettingValues values) => new(
        values.Get(ServeSettings.ProgramSandbox), values.Get(ServeSettings.ProgramUser), values.Get(ServeSettings.ProgramEnv), values.Get(ServeSettings.LargestResult),
        values.File is { } file ? [Path.GetFullPath(file.Path)] : []);

    static NodeOptions NodeFrom(SettingValues values)
    {
        var role = values.Get(ServeSettings.Role);
        if (role is not NodeRole.All && values.Get(ServeSettings.Database) is null)
            throw new SettingException($"{ServeSettings.Role.Flag}: a node that is only 'web' or only 'worker' needs --database, to share its tasks with other nodes.");
        return new NodeOptions(
            NodeOptions.MakeName(), role, values.Get(ServeSettings.Serve), values.Get(ServeSettings.CompanyLimit) is > 0 and var limit ? limit : null, values.Get(ServeSettings.CrashLimit),
            values.Get(ServeSettings.Drain), values.Get(ServeSettings.Poll), values.Get(ServeSettings.CheckIn), values.Get(ServeSettings.CheckInLimit));
    }

    /// <summary>Events whose receiver is not configured any more may be sent if it comes back soon.</summary>
    static readonly TimeSpan EventsStay = TimeSpan.FromDays(7);

    /// <summary>Who receives events, for commands that record events and do not send them.</summary>
    /// <inheritdoc cref="From"/>
    public static EventOptions EventReceiversFrom(SettingValues values) =>
        new(values.Get(ServeSettings.EventsUrl) is { } url ? new EventUrl(url, []) : null, values.Get(ServeSettings.EventsSqs) is { } sqs ? new SqsQueue(sqs, null) : null, values.Get(ServeSettings.EventsWindow), BackoffFrom(values));

    static EventOptions EventsFrom(SettingValues values, Backoff backoff)
    {
        var (url, secrets, sqs, endpoint) = (values.Get(ServeSettings.EventsUrl), values.Get(ServeSettings.EventsSecret), values.Get(ServeSettings.EventsSqs), values.Get(ServeSettings.EventsSqsEndpoint));
        if (url is null && secrets.Count > 0) throw new SettingException("--events-secret needs --events-url.");
        if (url is not null && secrets.Count == 0) throw new SettingException("--events-url needs --events-secret, or its receiver could not tell the bridge's events from others.");
        if (secrets.Count > 2) throw new SettingException($"--events-secret: {secrets.Count} secrets; at most two are valid at a time.");
        if (sqs is null && endpoint is not null) throw new SettingException("--events-sqs-endpoint needs --events-sqs.");
        foreach (var (setting, address) in ((Setting, Uri?)[])[(ServeSettings.EventsUrl, url), (ServeSettings.EventsSqs, sqs), (ServeSettings.EventsSqsEndpoint, endpoint)])
            if (address is { Scheme: "http", IsLoopback: false }) throw new SettingException($"{setting.Flag}: {address.GetLeftPart(UriPartial.Authority)} must begin with https://, because events say what happens to a hospital's tasks.");
        return new EventOptions(url is null ? null : new EventUrl(url, secrets), sqs is null ? null : new SqsQueue(sqs, endpoint), values.Get(ServeSettings.EventsWindow), backoff);
    }

    static FleetOptions FleetFrom(SettingValues values, ClassifierOptions classifiers, EventOptions events)
    {
        IReadOnlyList<FleetGroup> groups = values.File is { } file ? new FleetSections(file).Groups() : [];
        if (groups.Any(group => group.Engine is ProcessOptions))
        {
            if (!OperatingSystem.IsLinux()) throw values.File!.Wrong(values.File.Section(SettingsFile.Fleet)!.Line, "the engine process works on Linux only");
            if (values.Get(ServeSettings.Database) is not null) throw values.File!.Wrong(values.File.Section(SettingsFile.Fleet)!.Line, "the engine process is for one node, so it cannot be used with --database: each node would see only its own machine");
        }
        return new FleetOptions(groups, events.IsAny ? [.. classifiers.WorkerGroups.Except(groups.Select(group => group.Group))] : []);
    }

    static SignInOptions? SignInFrom(SettingValues values)
    {
        var (authority, client, roles) = (values.Get(ServeSettings.OidcAuthority), values.Get(ServeSettings.OidcClient), values.Get(ServeSettings.OidcRole));
        if (authority is null) return client is null && roles.Count == 0 ? null : throw new SettingException("--oidc-client and --oidc-role need --oidc-authority.");
        if (client is null) throw new SettingException("--oidc-authority needs --oidc-client.");
        if (roles.Count == 0) throw new SettingException("--oidc-authority needs --oidc-role, or nobody who signs in may do anything.");
        if (authority is { Scheme: "http", IsLoopback: false }) throw new SettingException("--oidc-authority must begin with https://.");
        IReadOnlyList<string> scopes = values.Get(ServeSettings.OidcScope) is { Count: > 0 } given ? [.. given.Prepend("openid").Distinct()] : ["openid", "profile", "email"];
        return new SignInOptions(authority, client, values.Get(ServeSettings.OidcSecret), scopes, values.Get(ServeSettings.OidcGroups), roles, values.Get(ServeSettings.SessionLimit), values.Get(ServeSettings.SessionIdle));
    }

    static ClientCertificateOptions? ClientCertificatesFrom(SettingValues values)
    {
        var (file, names) = (values.Get(ServeSettings.ClientCa), values.Get(ServeSettings.ClientCert));
        if (file is null && names.Count == 0) return null;
        if (file is null) throw new SettingException("--client-cert needs --client-ca.");
        if (names.Count == 0) throw new SettingException("--client-ca needs --client-cert, or no client certificate may do anything.");
        if (values.Get(ServeSettings.TlsCert) is null) throw new SettingException("--client-ca needs --tls-cert: a client certificate is shown to the bridge itself, not to a proxy.");
        return new ClientCertificateOptions(PemAuthorities.Read(file, ServeSettings.ClientCa.Flag), names);
    }

    static TlsOptions TlsFrom(SettingValues values, ApiOptions api)
    {
        var tls = new TlsOptions(values.Get(ServeSettings.TlsCert), values.Get(ServeSettings.TlsKey), values.Get(ServeSettings.TlsPassword), values.Get(ServeSettings.BehindProxy), api.ClientCertificates?.Authorities);
        if (tls.Certificate is null && (tls.Key ?? tls.Password) is not null) throw new SettingException("--tls-key and --tls-password need --tls-cert.");
        if (!tls.IsSecure && !api.IsLoopback)
            throw new SettingException("--listen: other machines would send patients' data over plain HTTP. Give --tls-cert, or --behind-proxy if a proxy in front of the bridge does TLS.");
        return tls;
    }

    static WebhookOptions WebhookFrom(SettingValues values)
    {
        var keys = values.Get(ServeSettings.WebhookKey);
        if (keys.Count > 2) throw new SettingException($"{ServeSettings.WebhookKey.Flag}: {keys.Count} keys; at most two are valid at a time.");
        return new WebhookOptions(keys, values.Get(ServeSettings.AllowTokenlessTasks), values.Get(ServeSettings.KeepUnknownFields));
    }
}
