using Slidebridge.Settings;

namespace Slidebridge.Hosting;

/// <summary>Every setting of the bridge. The README's table is this list.</summary>
static class ServeSettings
{
    public static readonly Setting Port = new("port", "PORT", "The port to listen on.", "3000");
    public static readonly Setting Listen = new("listen", "ADDRESS", "The address to listen on: an IP address, 'any' or 'localhost'. Any but localhost needs --webhook-key.", "localhost");
    public static readonly Setting ApiKeyId = new("api-key-id", "ID", "The platform API key's id; used when a task brings no valid token.");
    public static readonly Setting ApiKeySecret = new("api-key-secret", "SECRET", "The platform API key's secret.", Secret: true);
    public static readonly Setting Host = new("host", "HOST", "The platform: app.techcyte.com, or ci.techcyte.com for tests.", "app.techcyte.com");
    public static readonly Setting PlatformUrl = new("platform-url", "URL", "The base of the platform's API, in place of https://api.{host}.");
    public static readonly Setting Data = new("data", "DIR", "Where tasks, results and pictures are kept.", "./slidebridge-data");
    public static readonly Setting Database = new("database", "TEXT", "The PostgreSQL database that several nodes share: 'Host=…;Database=…;Username=…;Password=…'. Without it, SQLite in --data.", Secret: true);
    public static readonly Setting Role = new("role", "ROLE", "What this node does: 'web' takes tasks, 'worker' runs them, 'all' does both.", "all");
    public static readonly Setting Serve = new("serve", "GROUP", "An execution group whose tasks this node runs; may be repeated; all groups where none is given.", Many: true);
    public static readonly Setting Classifier = new("classifier", "CLASSIFIER", "The classifier that runs: a name, or python:FILE, devkit:FILE, exec:COMMAND, one-shot:COMMAND, onnx:FILE, kserve:URL FILE.");
    public static readonly Setting TaskTimeout = new("task-timeout", "TIME", "How long a classifier may take for one task; it is all that ends a program that hangs. 'forever' sets no limit.", "90m");
    public static readonly Setting StartTimeout = new("start-timeout", "TIME", "How long a classifier that is a program may take until it is ready.", "5m");
    public static readonly Setting Processes = new("processes", "N", "Tasks that one classifier works on at a time. One that is a program has as many processes, each with its model loaded; 1 for programs where none is given.");
    public static readonly Setting ProgramMemory = new("program-memory", "BYTES", "How much memory a classifier that is a program may hold, with all it started; 0 sets no limit.", "0");
    public static readonly Setting Python = new("python", "PROGRAM", "The interpreter of Python classifiers.", "python3");
    public static readonly Setting ProgramSandbox = new("program-sandbox", "MODE", "How far classifiers that are programs are isolated: 'auto' as far as this machine allows, 'strict' also without network and with a read-only disk, or not at all; 'off'.", "auto");
    public static readonly Setting ProgramUser = new("program-user", "USER", "The user that classifiers which are programs run as: a name, or UID:GID. The bridge must run as root. Empty: the bridge's own user.");
    public static readonly Setting ProgramEnv = new("program-env", "NAME", "An environment variable of the bridge that classifiers which are programs get too; may be repeated.", Many: true);
    public static readonly Setting ProgramUrls = new("program-urls", "YES/NO", "Whether classifiers that are programs are told the presigned URLs of their slides.", "no");
    public static readonly Setting LargestResult = new("largest-result", "BYTES", "The largest result of a classifier that is a program, as JSON, from 1KB to 1GiB; a task with a larger one fails.", "64MiB");
    public static readonly Setting ClassifierLog = new("classifier-log", "WHERE", "Where a classifier's log lines go: 'task' keeps them with the task alone, 'node' also writes them to the node's log and telemetry. They may name patients.", "task");
    public static readonly Setting Concurrency = new("concurrency", "N", "Tasks classified at a time.", Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture));
    public static readonly Setting ConcurrencyScope = new("concurrency-scope", "SCOPE", "Whether --concurrency holds for each 'node', or for the 'cluster' of all.", "node");
    public static readonly Setting Group = new("group", "GROUP", "The execution group of the tasks that this node takes in; nodes with --serve GROUP run them.", "default");
    public static readonly Setting CompanyLimit = new("company-limit", "N", "Tasks of one company that are in hand at a time, on all nodes together; 0: no limit.", "0");
    public static readonly Setting CrashLimit = new("crash-limit", "N", "How often the process may end while it works on a task before the task is set aside.", "3");
    public static readonly Setting Drain = new("drain", "TIME", "How long running tasks may go on after the node was told to stop; then they are handed back.", "20s");
    public static readonly Setting Poll = new("poll", "TIME", "How often the database is asked for tasks that other nodes took in, or whose wait is over.", "250ms");
    public static readonly Setting CheckIn = new("check-in", "TIME", "How often a node tells the others that it lives.", "2s");
    public static readonly Setting CheckInLimit = new("check-in-limit", "TIME", "How late it may be before others take its tasks over.", "5s");
    public static readonly Setting AllowHost = new("allow-host", "HOST", "Also allow slides from this host, even if it is private or plain HTTP: 'host', 'host:port' or '*.suffix'. Repeatable. Without a port, 80 and 443 are allowed, and every port of this machine.", Many: true);
    public static readonly Setting SlideHost = new("slide-host", "HOST", "The only hosts that slides come from: 'host', '*.suffix', or 'host/bucket/' for a part of a store. Repeatable. Private hosts also need --allow-host.", Many: true);
    public static readonly Setting DenyNetwork = new("deny-network", "CIDR", "A network that slides never come from, such as your own public addresses. Repeatable. It wins over --allow-host.", Many: true);
    public static readonly Setting WebhookKey = new("webhook-key", "KEY", "A secret of 16 characters or more that the webhook's URL must end in: /webhook/KEY. Two may be given while one replaces the other.", Secret: true, Many: true);
    public static readonly Setting AllowTokenlessTasks = new("allow-tokenless-tasks", "YES/NO", "Whether tasks without a jwt_token are taken from other machines, too. The platform is asked for each, with the API key.", "no");
    public static readonly Setting KeepUnknownFields = new("keep-unknown-fields", "YES/NO", "Whether fields of a webhook that Slidebridge does not know are kept, encrypted, for the classifier. They may hold patient data.", "no");
    public static readonly Setting TrustedProxy = new("trusted-proxy", "ADDRESS", "A proxy whose X-Forwarded-For names the caller: an address or a network such as 10.0.0.0/8. Repeatable.", Many: true);
    public static readonly Setting WebhookRate = new("webhook-rate", "N", "Maximum webhooks a second from one address, and for one company; all together twice that. 0: no limit.", "5000");
    public static readonly Setting MostUnverified = new("most-unverified", "N", "Maximum webhooks that wait to be verified; of one address or company half of that. Beyond, the platform is asked before a webhook is answered. 0: no limit.", "40000");
    public static readonly Setting MostWaiting = new("most-waiting", "N", "Maximum verified tasks that wait for their turn. Beyond, webhooks are answered 429. 0: no limit.", "200000");
    public static readonly Setting KeyRing = new("key-ring", "DIR", "The directory of the keys that tokens and URLs are encrypted with; for several nodes one that they share. Without it: 'keys' in --data, or with --database the database itself.");
    public static readonly Setting ApiToken = new("api-token", "TOKEN", "Token of 16 characters or more that clients on other machines must send to use /api.", Secret: true);
    public static readonly Setting PlatformTimeout = new("platform-timeout", "TIME", "How long one call to the platform may take.", "60s");
    public static readonly Setting DeliveryWindow = new("delivery-window", "TIME", "How long a result is tried to be delivered.", "24h");
    public static readonly Setting DeliverySettle = new("delivery-settle", "TIME", "After a post without an answer: how long to wait before looking whether it arrived.", "10s");
    public static readonly Setting DeliveryReportFailures = new("delivery-report-failures", "YES/NO", "Whether a task that fails for good is told to the platform, as a result whose summary says so.", "no");
    public static readonly Setting RetryFirst = new("retry-first", "TIME", "The wait before the first new try, of a slide or a delivery; doubled each time.", "2s");
    public static readonly Setting RetryLongest = new("retry-longest", "TIME", "The longest wait between two tries.", "5m");
    public static readonly Setting SlideTries = new("slide-tries", "N", "How often a slide that cannot be reached is tried before its task fails.", "8");
    public static readonly Setting OpenTimeout = new("open-timeout", "TIME", "How long all slides of a task may take to open before the task is tried again later. A slide that must be copied whole has more time, as long as its copy moves.", "20s");
    public static readonly Setting Cache = new("cache", "DIR", "Where whole slides are kept whose URLs expire before their turn; 'slides' in the data directory where none is given.");
    public static readonly Setting CacheSize = new("cache-size", "BYTES", "How much the slide cache may hold; 0 keeps none.", "50GB");
    public static readonly Setting StageBefore = new("stage-before", "TIME", "A task that waits or runs and whose URLs live less than this has its slides copied to the slide cache.", "15m");
    public static readonly Setting MinFree = new("min-free", "BYTES", "Below so much free disk no task is taken and no slide copied; 0 sets no limit.", "1GB");
    public static readonly Setting KeepResults = new("keep-results", "TIME", "How long the results, pictures and URLs of ended tasks are kept; 'forever' keeps them.", "30d");
    public static readonly Setting OtlpEndpoint = new("otlp-endpoint", "URL", "The OpenTelemetry collector that traces, metrics and logs are sent to; OTEL_EXPORTER_OTLP_ENDPOINT where this is not set.");

    /// <summary>Those that tell which classifier runs, for commands that run one without a bridge.</summary>
    public static readonly IReadOnlyList<Setting> OfClassifiers = [Classifier, TaskTimeout, StartTimeout, Processes, ProgramMemory, Python, ProgramSandbox, ProgramUser, ProgramEnv, ProgramUrls, LargestResult];

    public static readonly IReadOnlyList<Setting> All =
    [
        Port, Listen, ApiKeyId, ApiKeySecret, Host, PlatformUrl, Data, Database, Role, Serve, Classifier, TaskTimeout, StartTimeout, Processes, ProgramMemory, Python,
        ProgramSandbox, ProgramUser, ProgramEnv, ProgramUrls, LargestResult, ClassifierLog,
        Concurrency, ConcurrencyScope, Group, CompanyLimit, CrashLimit,
        WebhookKey, AllowTokenlessTasks, KeepUnknownFields, TrustedProxy, WebhookRate, MostUnverified, MostWaiting, KeyRing, ApiToken,
        SlideHost, AllowHost, DenyNetwork, OpenTimeout,
        PlatformTimeout, DeliveryWindow, DeliverySettle, DeliveryReportFailures, RetryFirst, RetryLongest, SlideTries,
        Drain, Poll, CheckIn, CheckInLimit,
        Cache, CacheSize, StageBefore, MinFree, KeepResults, OtlpEndpoint,
    ];
}
