using System.Globalization;
using System.Net;
using Npgsql;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Events;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Hosting;

/// <summary>Every setting of the bridge. The README's table and the help are generated from this list.</summary>
static class ServeSettings
{
    static readonly TimeSpan AMoment = TimeSpan.FromMilliseconds(1);

    public static readonly Setting<int> Port = new("port", ValueKind.Number(0, 65535, "PORT"), "Port to listen on.") { Default = "3000" };
    public static readonly Setting<IPAddress> Listen = new("listen", Address, "Address to listen on: an IP address, 'any' or 'localhost'. Every address but localhost needs --webhook-key.") { Default = "localhost" };
    public static readonly Setting<string?> TlsCert = new("tls-cert", ValueKind.Optional(ValueKind.Text("FILE")), "Certificate for HTTPS: a PEM file with its intermediates, or a PFX file. A changed file is used without a restart.");
    public static readonly Setting<string?> TlsKey = new("tls-key", ValueKind.Optional(ValueKind.Text("FILE")), "PEM file of the certificate's private key. Without it, the key is in --tls-cert.");
    public static readonly Setting<string?> TlsPassword = new("tls-password", ValueKind.Optional(ValueKind.Text("PASSWORD")), "Password of the private key.") { IsSecret = true };
    public static readonly Setting<bool> BehindProxy = new("behind-proxy", ValueKind.Switch, "Whether a proxy in front of the bridge does TLS. Without it, an address other than localhost needs --tls-cert.") { Default = "no" };
    public static readonly Setting<string?> ApiKeyId = new("api-key-id", ValueKind.Optional(ValueKind.Text("ID")), "Id of the platform's API key. The bridge uses the key for tasks without a valid token.");
    public static readonly Setting<string?> ApiKeySecret = new("api-key-secret", ValueKind.Optional(ValueKind.Text("SECRET")), "Secret of the platform's API key.") { IsSecret = true };
    public static readonly Setting<string> Host = new("host", HostName, "Platform host: app.techcyte.com, or ci.techcyte.com for tests.") { Default = "app.techcyte.com" };
    public static readonly Setting<Uri?> PlatformUrl = new("platform-url", ValueKind.Optional(BaseUrl), "Base URL of the platform's API, instead of https://api.{host}.");
    public static readonly Setting<string> Data = new("data", ValueKind.Text("DIR"), "Directory for tasks, results and pictures.") { Default = "./slidebridge-data" };
    public static readonly Setting<DatabaseOptions?> Database = new("database", ValueKind.Optional(Postgres), "PostgreSQL database that several nodes share: 'Host=…;Database=…;Username=…;Password=…;SSL Mode=VerifyFull;Root Certificate=FILE'. Without it, the bridge uses SQLite in --data.") { IsSecret = true };
    public static readonly Setting<NodeRole> Role = new("role", ValueKind.Choice("ROLE", ("all", NodeRole.All), ("web", NodeRole.Web), ("worker", NodeRole.Worker)), "Role of this node: 'web' receives tasks, 'worker' runs them, 'all' does both.") { Default = "all" };
    public static readonly ListSetting<string> Serve = new("serve", ValueKind.Name("GROUP"), "Run only the tasks of this execution group. Repeatable. Without it, this node runs the tasks of all groups.");
    public static readonly Setting<string?> Classifier = new("classifier", ValueKind.Optional(ValueKind.Text("CLASSIFIER")), "Classifier to run: a name, or python:FILE, devkit:FILE, exec:COMMAND, one-shot:COMMAND, onnx:FILE, kserve:URL FILE.");
    public static readonly Setting<TimeSpan?> TaskTimeout = new("task-timeout", ValueKind.TimeOrForever, "Maximum time a classifier may take for one task. Nothing else stops a program that hangs. 'forever': no limit.") { Default = "90m", SectionKey = "taskTimeout" };
    public static readonly Setting<TimeSpan> StartTimeout = new("start-timeout", ValueKind.Time(AMoment), "Maximum time a program classifier may take to start and load its model.") { Default = "5m", SectionKey = "startTimeout" };
    public static readonly Setting<int?> Processes = new("processes", ValueKind.OptionalValue(ValueKind.Number(1, 1024)), "Maximum tasks that one classifier works on at a time. A program classifier runs one process for each, with its own copy of the model. Without it: 1 for programs, --concurrency for others.") { SectionKey = "processes" };
    public static readonly Setting<long> ProgramMemory = new("program-memory", ValueKind.Bytes(), "Memory limit for a program classifier and its child processes. 0: unlimited.") { Default = "0", SectionKey = "memory" };
    public static readonly Setting<string> Python = new("python", ValueKind.Text("PROGRAM"), "Interpreter of Python classifiers.") { Default = "python3", SectionKey = "python" };
    public static readonly Setting<SandboxMode> ProgramSandbox = new("program-sandbox", ValueKind.Choice("MODE", ("auto", SandboxMode.Auto), ("strict", SandboxMode.Strict), ("off", SandboxMode.Off)), "Isolation of program classifiers: 'auto' isolates them as far as this machine allows; 'strict' also removes the network and makes the disk read-only, or refuses to start; 'off' does not isolate them.") { Default = "auto" };
    public static readonly Setting<string?> ProgramUser = new("program-user", ValueKind.Optional(ValueKind.Text("USER")), "User that program classifiers run as: a name, or UID:GID. The bridge must run as root. Without it: the bridge's own user.");
    public static readonly ListSetting<string> ProgramEnv = new("program-env", VariableName, "Environment variable of the bridge that program classifiers also receive. Repeatable.");
    public static readonly Setting<bool> ProgramUrls = new("program-urls", ValueKind.Switch, "Whether program classifiers receive the presigned URLs of their slides.") { Default = "no", SectionKey = "urls" };
    public static readonly Setting<long> LargestResult = new("largest-result", ValueKind.Bytes(1000, MostOfResult), "Maximum size of a program classifier's result, as JSON: from 1KB to 1GiB. A task with a larger result fails.") { Default = "64MiB" };
    public static readonly Setting<bool> ClassifierLog = new("classifier-log", ValueKind.Choice("WHERE", ("task", false), ("node", true)), "Where a classifier's log lines go: 'task' keeps them with the task only, 'node' also writes them to the node's log and telemetry. They may name patients.") { Default = "task" };
    public static readonly Setting<int> Concurrency = new("concurrency", ValueKind.Number(1, 1024), "Maximum tasks to classify at a time.") { Default = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture) };
    public static readonly Setting<bool> ConcurrencyScope = new("concurrency-scope", ValueKind.Choice("SCOPE", ("node", false), ("cluster", true)), "Whether --concurrency is the limit of each 'node' or of the whole 'cluster'.") { Default = "node" };
    public static readonly Setting<int> ShadowConcurrency = new("shadow-concurrency", ValueKind.Number(1, 1024), "Maximum tasks that the shadow classifiers of routes work on at a time, besides --concurrency.") { Default = "1" };
    public static readonly Setting<TimeSpan> LeaseTime = new("lease-time", ValueKind.Time(TimeSpan.FromSeconds(1)), "A worker's tasks ('slidebridge work') go to another worker if it was not heard of for this long.") { Default = "45s" };
    public static readonly Setting<string> Group = new("group", ValueKind.Name("GROUP"), "Execution group of the tasks that this node receives. Nodes with --serve GROUP run them.") { Default = "default" };
    public static readonly Setting<int> CompanyLimit = new("company-limit", ValueKind.Number(0, 100_000), "Maximum tasks in progress per company, across all nodes. 0: no limit.") { Default = "0" };
    public static readonly Setting<int> CrashLimit = new("crash-limit", ValueKind.Number(1, 1000), "Crashes of the process, with the task alone on it, after which a task is marked failed.") { Default = "3" };
    public static readonly Setting<TimeSpan> Drain = new("drain", ValueKind.Time(), "How long running tasks may continue after the signal to stop. Then the node releases them.") { Default = "20s" };
    public static readonly Setting<TimeSpan> Poll = new("poll", ValueKind.Time(TimeSpan.FromMilliseconds(10)), "How often to check the database for tasks that other nodes received, or whose wait is over.") { Default = "250ms" };
    public static readonly Setting<TimeSpan> CheckIn = new("check-in", ValueKind.Time(TimeSpan.FromMilliseconds(100)), "How often a node sends its heartbeat.") { Default = "2s" };
    public static readonly Setting<TimeSpan> CheckInLimit = new("check-in-limit", ValueKind.Time(TimeSpan.FromMilliseconds(100)), "Other nodes take over a node's tasks when its heartbeat is this late.") { Default = "5s" };
    public static readonly ListSetting<HostPattern> AllowHost = new("allow-host", new("HOST", HostPattern.Parse), "Also allow slides from this host, even if it is private or plain HTTP: 'host', 'host:port' or '*.suffix'. Repeatable. Without a port, 80 and 443 are allowed, and every port of this machine.");
    public static readonly ListSetting<SlideHost> SlideHost = new("slide-host", new("HOST", Security.SlideHost.Parse), "Allow slides from this host only: 'host', '*.suffix', or 'host/bucket/' for a part of a store. Repeatable. Private hosts also need --allow-host.");
    public static readonly ListSetting<IPNetwork> DenyNetwork = new("deny-network", new("CIDR", OutboundOptions.NetworkOf), "Never fetch slides from this network, such as your own public addresses. Repeatable. It overrides --allow-host.");
    public static readonly ListSetting<string> WebhookKey = new("webhook-key", UrlSecret, "Secret of 16 characters or more that the webhook's URL must end in: /webhook/KEY. Repeatable: two keys may be valid while you replace one.") { IsSecret = true };
    public static readonly Setting<bool> AllowTokenlessTasks = new("allow-tokenless-tasks", ValueKind.Switch, "Whether to also accept tasks without a jwt_token from other machines. The bridge verifies each with the platform, using the API key.") { Default = "no" };
    public static readonly Setting<bool> KeepUnknownFields = new("keep-unknown-fields", ValueKind.Switch, "Whether to keep webhook fields that Slidebridge does not know, encrypted, for the classifier. They may contain patient data.") { Default = "no" };
    public static readonly ListSetting<IPNetwork> TrustedProxy = new("trusted-proxy", Proxy, "Proxy whose X-Forwarded-For names the caller: an address, or a network such as 10.0.0.0/8. Repeatable.");
    public static readonly Setting<int> WebhookRate = new("webhook-rate", ValueKind.Number(0, 1_000_000), "Maximum webhooks per second from one address and for one company; twice that for all together. 0: no limit.") { Default = "5000" };
    public static readonly Setting<int> MostUnverified = new("most-unverified", ValueKind.Number(0, 10_000_000), "Maximum webhooks that wait for verification; half of that from one address or company. Beyond it, the bridge asks the platform before it answers. 0: no limit.") { Default = "40000" };
    public static readonly Setting<int> MostWaiting = new("most-waiting", ValueKind.Number(0, 100_000_000), "Maximum verified tasks that wait to run. Beyond it, webhooks are answered with 429. 0: no limit.") { Default = "200000" };
    public static readonly Setting<string?> KeyRing = new("key-ring", ValueKind.Optional(ValueKind.Text("DIR")), "Directory of the keys that encrypt tokens and URLs; several nodes must share one. Without it: 'keys' in --data, or with --database the database itself.");
    public static readonly Setting<string?> ApiToken = new("api-token", ValueKind.Optional(Secret("TOKEN")), "Token of 16 characters or more that clients on other machines must send to use /api.") { IsSecret = true };
    public static readonly Setting<Uri?> OidcAuthority = new("oidc-authority", ValueKind.Optional(ValueKind.Url), "OpenID Connect provider that people sign in with, such as https://login.example/realms/lab.");
    public static readonly Setting<string?> OidcClient = new("oidc-client", ValueKind.Optional(ValueKind.Text("ID")), "Client id of the bridge at that provider. Its redirect URI is https://BRIDGE/signin-oidc, its sign-out URI https://BRIDGE/signout-callback-oidc.");
    public static readonly Setting<string?> OidcSecret = new("oidc-secret", ValueKind.Optional(ValueKind.Text("SECRET")), "Client secret of the bridge at that provider. Without it: a public client with PKCE.") { IsSecret = true };
    public static readonly ListSetting<string> OidcScope = new("oidc-scope", ValueKind.Text("SCOPE"), "Scope to request. Repeatable. Without it: openid, profile and email.");
    public static readonly Setting<string> OidcGroups = new("oidc-groups", ValueKind.Text("CLAIM"), "Claim of the id token that lists a person's groups.") { Default = "groups" };
    public static readonly ListSetting<NamedRole> OidcRole = new("oidc-role", new("GROUP=ROLE", text => NamedRole.Parse(text, "GROUP")), "What a group may do: viewer, operator or admin. Repeatable. 'GROUP=ROLE:COMPANY+COMPANY' is for the tasks of these companies only.");
    public static readonly Setting<string?> ClientCa = new("client-ca", ValueKind.Optional(ValueKind.Text("FILE")), "PEM file of the certificate authorities whose client certificates the API accepts. Needs --tls-cert and --client-cert.");
    public static readonly ListSetting<NamedRole> ClientCert = new("client-cert", new("NAME=ROLE", text => NamedRole.Parse(text, "NAME")), "What the owner of a client certificate with this common name may do: viewer, operator or admin. Repeatable. 'NAME=ROLE:COMPANY+COMPANY' is for the tasks of these companies only.");
    public static readonly Setting<TimeSpan> SessionLimit = new("session-limit", ValueKind.Time(TimeSpan.FromSeconds(1)), "A browser's session ends after this time.") { Default = "8h" };
    public static readonly Setting<TimeSpan> SessionIdle = new("session-idle", ValueKind.Time(TimeSpan.FromSeconds(1)), "A session that is not used ends after this time.") { Default = "30m" };
    public static readonly Setting<TimeSpan> PlatformTimeout = new("platform-timeout", ValueKind.Time(AMoment), "Maximum time for one call to the platform.") { Default = "60s" };
    public static readonly Setting<TimeSpan> DeliveryWindow = new("delivery-window", ValueKind.Time(AMoment), "How long to retry delivery before the task fails.") { Default = "24h" };
    public static readonly Setting<TimeSpan> DeliverySettle = new("delivery-settle", ValueKind.Time(), "After an unanswered POST, how long to wait before checking whether the platform received it.") { Default = "10s" };
    public static readonly Setting<bool> DeliveryReportFailures = new("delivery-report-failures", ValueKind.Switch, "Whether to report permanently failed tasks to the platform, as a result whose summary says so.") { Default = "no" };
    public static readonly Setting<TimeSpan> HoldLimit = new("hold-limit", ValueKind.Time(AMoment), "How long a result waits for an operator where its route says 'hold'. Then the task fails.") { Default = "72h" };
    public static readonly Setting<bool> PostProvenance = new("post-provenance", ValueKind.Switch, "Whether a posted result also says what made it: versions of bridge and classifier, and the SHA-256 of the model.") { Default = "no" };
    public static readonly Setting<TimeSpan> RetryFirst = new("retry-first", ValueKind.Time(), "Wait before the first retry of a slide, a delivery or an event. Each further wait is twice as long.") { Default = "2s" };
    public static readonly Setting<TimeSpan> RetryLongest = new("retry-longest", ValueKind.Time(), "Longest wait between two retries.") { Default = "5m" };
    public static readonly Setting<int> SlideTries = new("slide-tries", ValueKind.Number(1, 1000), "Maximum attempts to fetch a slide.") { Default = "8" };
    public static readonly Setting<TimeSpan> OpenTimeout = new("open-timeout", ValueKind.Time(TimeSpan.FromMilliseconds(100)), "Maximum time for all slides of a task to open before the task is tried again later. A slide that must be copied whole gets more time while its copy makes progress.") { Default = "20s" };
    public static readonly Setting<string?> StagingDirectory = new("staging-dir", ValueKind.Optional(ValueKind.Text("DIR")), "Directory for copies of slides whose URLs would expire before the task runs. Without it: 'slides' in --data.");
    public static readonly Setting<long> StagingSize = new("staging-size", ValueKind.Bytes(), "Maximum size of the staging directory. 0: no slide is copied.") { Default = "50GB" };
    public static readonly Setting<TimeSpan> StageBefore = new("stage-before", ValueKind.Time(), "Copy the slides of a waiting or running task when its URLs expire within this time.") { Default = "15m" };
    public static readonly Setting<long> MinFree = new("min-free", ValueKind.Bytes(), "Minimum free disk space. Below it, no task is accepted and no slide is copied. 0: no limit.") { Default = "1GB" };
    public static readonly Setting<Uri?> EventsUrl = new("events-url", ValueKind.Optional(Receiver), "URL that receives an event when a task is accepted, held, completed, failed or cancelled: a signed POST (Standard Webhooks). It may be private. Needs --events-secret.");
    public static readonly ListSetting<string> EventsSecret = new("events-secret", new("SECRET", EventSecret.Check), "Secret that signs the events for --events-url: 'whsec_' and the base64 of 24 to 64 bytes. Repeatable: two may be valid while you replace one.") { IsSecret = true };
    public static readonly Setting<Uri?> EventsSqs = new("events-sqs", ValueKind.Optional(new ValueKind<Uri>("QUEUE", SqsQueue.Parse)), "URL of an Amazon SQS queue that receives the same events. The bridge uses the credentials that the AWS SDK finds.");
    public static readonly Setting<Uri?> EventsSqsEndpoint = new("events-sqs-endpoint", ValueKind.Optional(Origin), "Where SQS's API is called. Without it: the host of --events-sqs.");
    public static readonly Setting<TimeSpan> EventsWindow = new("events-window", ValueKind.Time(AMoment), "How long to retry an event before it is given up.") { Default = "24h" };
    public static readonly Setting<TimeSpan?> KeepResults = new("keep-results", ValueKind.TimeOrForever, "How long to keep the results, pictures and URLs of ended tasks. 'forever': no limit.") { Default = "30d" };
    public static readonly Setting<TimeSpan?> KeepAudit = new("keep-audit", ValueKind.TimeOrForever, "How long to keep the audit log, which says who did and saw what.") { Default = "forever" };
    public static readonly Setting<LogLevel> LogLevel = new("log-level", ValueKind.Choice("LEVEL", ("debug", Microsoft.Extensions.Logging.LogLevel.Debug), ("info", Microsoft.Extensions.Logging.LogLevel.Information), ("warn", Microsoft.Extensions.Logging.LogLevel.Warning), ("error", Microsoft.Extensions.Logging.LogLevel.Error)), "Least severe log entries to write; 'debug' includes those of the scheduler.") { Default = "info" };
    public static readonly Setting<bool> LogFormat = new("log-format", ValueKind.Choice("FORMAT", ("text", false), ("json", true)), "Log format: 'text' is one line for each entry, 'json' one JSON object.") { Default = "text" };
    public static readonly Setting<Uri?> OtlpEndpoint = new("otlp-endpoint", ValueKind.Optional(ValueKind.Url), "OpenTelemetry collector that receives traces, metrics and logs. Without it: OTEL_EXPORTER_OTLP_ENDPOINT.");

    /// <summary>The settings that choose a classifier, for commands that run one without a bridge.</summary>
    public static readonly IReadOnlyList<Setting> OfClassifiers = [Classifier, TaskTimeout, StartTimeout, Processes, ProgramMemory, Python, ProgramSandbox, ProgramUser, ProgramEnv, ProgramUrls, LargestResult];

    public static readonly IReadOnlyList<Setting> All =
    [
        Port, Listen, TlsCert, TlsKey, TlsPassword, BehindProxy, ApiKeyId, ApiKeySecret, Host, PlatformUrl, Data, Database, Role, Serve, Classifier, TaskTimeout, StartTimeout, Processes, ProgramMemory, Python,
        ProgramSandbox, ProgramUser, ProgramEnv, ProgramUrls, LargestResult, ClassifierLog,
        Concurrency, ConcurrencyScope, ShadowConcurrency, Group, CompanyLimit, CrashLimit, LeaseTime,
        WebhookKey, AllowTokenlessTasks, KeepUnknownFields, TrustedProxy, WebhookRate, MostUnverified, MostWaiting, KeyRing, ApiToken, OidcAuthority, OidcClient, OidcSecret, OidcScope, OidcGroups, OidcRole, ClientCa, ClientCert, SessionLimit, SessionIdle,
        SlideHost, AllowHost, DenyNetwork, OpenTimeout,
        PlatformTimeout, DeliveryWindow, DeliverySettle, DeliveryReportFailures, PostProvenance, HoldLimit, RetryFirst, RetryLongest, SlideTries,
        EventsUrl, EventsSecret, EventsSqs, EventsSqsEndpoint, EventsWindow,
        Drain, Poll, CheckIn, CheckInLimit,
        StagingDirectory, StagingSize, StageBefore, MinFree, KeepResults, KeepAudit, LogLevel, LogFormat, OtlpEndpoint,
    ];

    /// <summary>A .NET array can hold this much, with a margin.</summary>
    const long MostOfResult = 1024 * 1024 * 1024;

    static ValueKind<IPAddress> Address => new("ADDRESS", text => text switch
    {
        "any" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IP address, 'any' or 'localhost'"),
    });

    static ValueKind<string> HostName => new("HOST", text => Uri.CheckHostName(text) is not UriHostNameType.Unknown
        ? text : throw new FormatException($"'{text}' is not a host name; use app.techcyte.com or ci.techcyte.com (for a URL, use --platform-url)"));

    static ValueKind<Uri> BaseUrl => new("URL", text => ValueKind.Url.Parse(text) is { PathAndQuery: "/" } url ? url : throw new FormatException("give only scheme, host and port; the bridge adds /api/v3"));

    static ValueKind<Uri> Origin => new("URL", text => ValueKind.Url.Parse(text) is { PathAndQuery: "/" } url ? url : throw new FormatException("give only scheme, host and port"));

    static ValueKind<Uri> Receiver => new("URL", text => ValueKind.Url.Parse(text) is { UserInfo: "", Fragment: "" } url ? url : throw new FormatException("give no user name, password or fragment; events are signed with --events-secret"));

    static ValueKind<DatabaseOptions> Postgres => new("TEXT", text => DatabaseOptions.From(text) is var options && IsProtected(new NpgsqlConnectionStringBuilder(options.Postgres)) ? options
        : throw new FormatException("SSL Mode is missing, and without it passwords and patients' results may cross the network unencrypted. Add 'SSL Mode=VerifyFull;Root Certificate=FILE', where FILE is the certificate authority of the database server"));

    /// <summary>Npgsql's default, Prefer, verifies nothing and falls back to plain text. A connection within this machine needs no encryption, and an operator may state another mode.</summary>
    static bool IsProtected(NpgsqlConnectionStringBuilder database) => database.Keys is var given && given.Contains("SSL Mode") // Not ContainsKey: it returns true for every keyword that exists.
        || database.Host!.Split(',').All(host => host.StartsWith('/') || host.StartsWith('@') || host.Split(':')[0].Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPEndPoint.TryParse(host, out var address) && IPAddress.IsLoopback(address.Address));

    static ValueKind<string> VariableName => new("NAME", text => ProgramEnvironment.IsOfTheBridge(text)
        ? throw new FormatException($"{text} is a setting or a secret of the bridge, which no program receives. Use a variable with another name for the program") : text);

    static ValueKind<IPNetwork> Proxy => new("ADDRESS", text => OutboundOptions.NetworkOf(text) is { PrefixLength: >= 8 } network
        ? network : throw new FormatException($"{text} contains nearly every address, and any caller could then claim a false address. Name the proxy's own address or network"));

    static ValueKind<string> Secret(string placeholder) => new(placeholder, SecretStrength.Check);

    static ValueKind<string> UrlSecret => new("KEY", text => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~')
        ? SecretStrength.Check(text) : throw new FormatException("use only letters, digits and - _ . ~, which need no escaping in a URL"));
}
