using System.Net;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Quartz;
using Slidebridge.Api;
using Slidebridge.Checks;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Delivery;
using Slidebridge.Events;
using Slidebridge.Execution;
using Slidebridge.Fleet;
using Slidebridge.Identity;
using Slidebridge.Lists;
using Slidebridge.Objects;
using Slidebridge.Overlays;
using Slidebridge.Overview;
using Slidebridge.Scheduling;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Telemetry;
using Slidebridge.Usage;
using Slidebridge.Verification;
using Slidebridge.Viewing;
using Slidebridge.Web;
using Slidebridge.Web.Live;
using Slidebridge.Webhook;
using Slidebridge.Workers;

namespace Slidebridge.Hosting;

/// <summary>Builds one web application from the bridge's features.</summary>
static class BridgeServer
{
    /// <summary>In addition to <c>--drain</c>, a stopping bridge waits this long for its jobs to end.</summary>
    public static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(20);

    /// <summary>Indexes of results' objects on disk: some hundred large results.</summary>
    const long MostIndexBytes = 4L << 30;

    /// <summary>The application, ready to be started, with its storage prepared.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="addClassifiers">Registers the classifiers and their services.</param>
    /// <param name="quiet">Log warnings and errors only.</param>
    /// <exception cref="IOException">The data directory is in use or not writable.</exception>
    public static async Task<WebApplication> CreateAsync(BridgeOptions options, Action<IServiceCollection> addClassifiers, bool quiet = false, CancellationToken cancellationToken = default)
    {
        PrivateFiles.ByDefault();
        var data = new DataDirectory(options.Data);
        // An empty builder: all settings come from BridgeOptions, and the start takes half the time.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        AddLogging(builder.Logging, options.Log, quiet);
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Listen, listen =>
            {
                if (options.Tls.Certificate is null) return;
                var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Current) });
            });
            kestrel.AddServerHeader = false;
            // The webhook checks its body limit itself, with a sentence in the answer; this limit is only a second barrier.
            kestrel.Limits.MaxRequestBodySize = 8 * WebhookBody.Largest;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Node.Drain + ShutdownLimit);
        builder.Services.AddSingleton(_ => data); // Registered by a factory, so that the container disposes it, last.
        AddFeatures(builder.Services, options, data);
        builder.AddTelemetry(options.Telemetry, options.Node);
        addClassifiers(builder.Services);

        var app = builder.Build();
        _ = app.Services.GetService<ServerCertificate>(); // A file that does not contain a certificate makes the start fail, with its name.
        _ = app.Services.GetRequiredService<DataDirectory>();
        // Create it now, because it deletes incomplete copies of a process that died.
        if (options.Node.RunsTasks) _ = app.Services.GetRequiredService<StagingDirectory>();
        var databases = app.Services.GetRequiredService<IDbContextFactory<TaskDatabase>>();
        await TaskStorage.PrepareAsync(databases, cancellationToken);
        await PlainSecrets.SealAsync(databases, app.Services.GetRequiredService<TaskVault>(), cancellationToken);
        if (options.Node.RunsTasks) _ = (app.Services.GetRequiredService<ClassifierCatalog>().Routed, app.Services.GetRequiredService<ClassifierCatalog>().Shadows); // A wrong name makes the start fail, not the first task.
        MapFeatures(app);
        return app;
    }

    static void AddFeatures(IServiceCollection services, BridgeOptions options, DataDirectory data)
    {
        services.AddSingleton(options.Platform).AddSingleton(options.Classifier).AddSingleton(options.Outbound)
            .AddSingleton(options.Webhook).AddSingleton(options.Limits).AddSingleton(options.Verification).AddSingleton(options.Delivery)
            .AddSingleton(options.Database).AddSingleton(options.Node)
            .AddSingleton(options.Staging).AddSingleton(options.FreeSpace).AddSingleton(options.Retention).AddSingleton(options.Hold).AddSingleton(options.Lease);
        services.AddSingleton(TimeProvider.System);
        services.AddAccess(options.Api, options.Tls.IsSecure);
        services.AddSingleton(options.Tls);
        if (options.Tls.Certificate is not null) services.AddSingleton<ServerCertificate>().AddHostedService(s => s.GetRequiredService<ServerCertificate>());
        services.AddProblemDetails().AddOpenApi(ApiDescription.Describe);

        services.AddTaskStorage(options.Database, data).AddTaskVault(options.KeyRing, options.Database, data);
        // For new keys; the ring says for each older key what it encrypts with. The default would be AES-256-CBC with HMAC-SHA-256.
        services.AddDataProtection().UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });
        services.Configure<ForwardedHeadersOptions>(options.Proxies.Configure);
        services.AddSingleton<RefusedCallers>().AddSingleton<WebhookLimits>().AddSingleton<WaitingTasks>();
        services.AddSingleton<VerificationQueue>().AddHostedService<TaskVerifier>();
        services.AddSingleton<CommitQueue>().AddSingleton<TaskStore>().AddSingleton<ITaskStore>(s => s.GetRequiredService<TaskStore>()).AddSingleton<IDeliveryStore>(s => s.GetRequiredService<TaskStore>()).AddSingleton<TaskProgress>().AddSingleton<TaskSignal>().AddSingleton<RunningTasks>();
        services.AddSingleton<ITaskRoutes, TaskRoutes>().AddSingleton<ResultSaving>().AddSingleton<FailureReports>();
        services.AddSingleton<TaskIntake>().AddSingleton<TaskOperations>();
        services.AddSingleton<TaskLists>().AddSingleton<UsageQuery>().AddSingleton<OverviewQuery>().AddHostedService<ColumnFold>();
        services.AddSingleton(_ => new ProgramHost(
            options.Classifier.Programs with { Hidden = [.. options.Classifier.Programs.Hidden, data.Path, options.Staging.Directory, .. options.KeyRing.Directory is { } keys ? [Path.GetFullPath(keys)] : Array.Empty<string>()] }, data.File("work", "programs")));
        services.AddSingleton<Router>().AddSingleton<ClassifierCatalog>().AddSingleton<ClassifierSlots>().AddSingleton<ScanOpener>().AddSingleton(options.Opening).AddSingleton<Openings>().AddSingleton<FirstTiles>();
        services.AddSingleton(new BlockCache(BlockCache.Shared.MemoryBytes, BlockCache.Shared.DiskBytes, data.Workplace, options.FreeSpace.Floor)).AddSingleton<OverlayThumbnails>();
        // Below the data directory, so that files of a killed process are deleted at the next start.
        services.AddSingleton(s => new SlideHttp(options.Outbound, new SlideOptions { Cache = s.GetRequiredService<BlockCache>(), TemporaryDirectory = data.Workplace, MinFreeBytes = options.FreeSpace.Floor }));
        services.AddSingleton<FreeSpace>().AddSingleton<StagingDirectory>().AddSingleton<StagedSlides>().AddSingleton<WaitingSlides>();
        services.AddPlatformClient();
        services.AddSingleton(_ => new ObjectIndexes(data.File("work", "objects"), MostIndexBytes)).AddSingleton<ScanObjects>();
        services.AddSingleton<OpenSlides>().AddSingleton<ViewedSlides>().AddSingleton<ViewedBy>().AddSingleton<SlideAhead>();
        services.AddRazorComponents();
        services.AddSingleton(options.InForce).AddSingleton(options.SetUp).AddSingleton<SetUpChecks>().AddSingleton<ClassifierTrials>();
        services.AddSingleton<ChangeWatch>();
        services.AddSingleton(options.Retries).AddSingleton(new FailurePolicy(options.Retries, options.Node.CrashLimit));
        if (options.Node.TakesTasks) AddWork(services);
        services.AddFleet(options.Fleet);
        services.AddEvents(options.Events); // Before the worker, so that it is stopped after the last task.
        if (options.Node.RunsTasks) AddWorker(services, options, data);
    }

    /// <summary>For workers elsewhere.</summary>
    static void AddWork(IServiceCollection services)
    {
        services.AddSingleton(s => new WorkerAdmission(s.GetRequiredService<NodeOptions>(), s.GetRequiredService<TimeProvider>()) { Cache = s.GetRequiredService<StagingDirectory>().Name });
        services.AddSingleton<WorkerRegistry>().AddSingleton<WorkerList>().AddSingleton<WorkerNames>().AddSingleton<WorkerPace>().AddSingleton<LeasePacking>().AddSingleton<RelayedSlides>();
        services.AddSingleton<LeaseDesk>().AddHostedService(s => s.GetRequiredService<LeaseDesk>());
    }

    static void AddWorker(IServiceCollection services, BridgeOptions options, DataDirectory data)
    {
        services.AddSingleton(s => new TaskAdmission(s.GetRequiredService<CommitQueue>(), options.Node, options.Classifier, s.GetRequiredService<TimeProvider>())
        {
            Cache = s.GetRequiredService<StagingDirectory>().Name,
            Openings = s.GetRequiredService<Openings>(),
            Slots = s.GetRequiredService<ClassifierSlots>(),
        });
        services.AddSingleton<RunRecorder>().AddSingleton<Classification>().AddSingleton<TaskRunner>();
        services.AddSingleton<Settling>().AddSingleton<IDelivery, ResultDelivery>();
        services.AddQuartz(quartz => TaskEngine.Configure(quartz, options.Database, data, options.Node, options.Classifier));
        services.AddHostedService<ClusterLeave>(); // Registered before Quartz, so that it is stopped after Quartz.
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        services.AddFleetControl(options.Fleet);
        services.AddSingleton<EarlyStaging>().AddHostedService(s => s.GetRequiredService<EarlyStaging>());
        services.AddSingleton<Retention>().AddHostedService(s => s.GetRequiredService<Retention>());
        services.AddHostedService<WarmUp>();
        services.AddHostedService<TaskWatch>();
        services.AddHostedService<ProgressSharing>();
        services.AddHostedService<Reruns>();
        services.AddHostedService<TaskDispatcher>(); // Stopped first: docs/architecture.md
    }

    static void MapFeatures(WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.KnownIPNetworks.Count > 0) app.UseForwardedHeaders();
        var (tls, api) = (app.Services.GetRequiredService<TlsOptions>(), app.Services.GetRequiredService<ApiOptions>());
        if (tls is { Certificate: null, IsBehindProxy: true }) app.Use(GuardedAnswers.CallIsSecure);
        app.Use(GuardedAnswers.AddHeaders);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRouting();
        app.UseAuthentication(); // Receives the provider's answers. ASP.NET Core would add it itself otherwise, before everything else.
        app.UseAuthorization();
        if (app.Services.GetRequiredService<NodeOptions>().TakesTasks)
        {
            app.MapWebhook();
            app.MapWork();
        }
        app.MapTasks();
        app.MapTaskOperations();
        app.MapUsage();
        app.MapFleet();
        app.MapMe();
        app.MapTokens();
        app.MapAudit();
        app.MapOverlay();
        app.MapHealth();
        app.MapMetrics();
        app.MapSlides();
        app.MapObjects();
        app.MapSetUp();
        app.MapPages();
        if (api.SignIn is not null)
        {
            app.MapSignOut();
            app.MapSessions();
        }
        app.MapOpenApi().For(Role.Viewer);
    }

    /// <summary>The console log of a bridge and of a worker.</summary>
    public static void AddLogging(ILoggingBuilder logging, LogOptions options, bool quiet)
    {
        logging.ClearProviders();
        if (options.IsJson) logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        else logging.AddConsole(console => console.FormatterName = PlainConsole.FormatterName).AddConsoleFormatter<PlainConsole, ConsoleFormatterOptions>();
        var level = quiet && options.Level < LogLevel.Warning ? LogLevel.Warning : options.Level;
        logging.SetMinimumLevel(level);
        var ofLibraries = level is LogLevel.Information ? LogLevel.Warning : level;
        logging.AddFilter("Microsoft", ofLibraries).AddFilter("Quartz", ofLibraries);
        // Debug entries of the web server contain request paths, and a path contains the webhook's key.
        if (ofLibraries < LogLevel.Warning) logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // The caller of a failed commit reports it.
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        // The command reports, in a sentence, why the host does not start.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // The key ring itself is not encrypted: see docs/security.md.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // The framework writes a line for each refused call; RefusedCallers writes what is worth a line.
        logging.AddFilter(typeof(CallerAuthentication).FullName, LogLevel.Warning);
        // Request URLs contain signatures and the webhook's key.
        logging.AddFilter("System.Net.Http", LogLevel.None).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }

    /// <summary>The address of a started application, in a form that this machine can open.</summary>
    public static Uri AddressOf(WebApplication app)
    {
        var url = new UriBuilder(app.Urls.First());
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address))
            url.Host = address.Equals(IPAddress.Any) ? "127.0.0.1" : address.Equals(IPAddress.IPv6Any) ? "[::1]" : url.Host;
        return url.Uri;
    }
}
