using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Delivery;
using Slidebridge.Execution;
using Slidebridge.Overlays;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Telemetry;
using Slidebridge.Workers;
using Slidebridge.Workers.Remote;

namespace Slidebridge.Hosting;

/// <summary>Builds a worker: the bridge's own runner and classifiers, over a store that is the bridge's HTTP API.</summary>
static class WorkerHost
{
    /// <summary>How long a stopping worker waits for its runs to be released.</summary>
    static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(20);

    /// <summary>The host, ready to be started.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="http">A client of the bridge.</param>
    /// <param name="relay">The bridge, for slides that it relays.</param>
    /// <param name="log">How the log is written.</param>
    /// <param name="addClassifiers">Registers the classifiers and their services.</param>
    /// <exception cref="Classifiers.ClassifierSettingException">A classifier cannot be created.</exception>
    public static IHost Create(WorkerOptions options, HttpClient http, SlideRelay relay, LogOptions log, Action<IServiceCollection> addClassifiers)
    {
        PrivateFiles.ByDefault();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        BridgeServer.AddLogging(builder.Logging, log, quiet: false);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + ShutdownLimit);
        AddFeatures(builder.Services, options, http, relay);
        addClassifiers(builder.Services);
        var host = builder.Build();
        _ = host.Services.GetRequiredService<ClassifierCatalog>().Routed; // A wrong name makes the start fail, not the first task.
        return host;
    }

    static void AddFeatures(IServiceCollection services, WorkerOptions options, HttpClient http, SlideRelay relay)
    {
        services.AddSingleton(options).AddSingleton(options.Classifiers).AddSingleton(options.Opening).AddSingleton(TimeProvider.System).AddSingleton(http);
        services.AddSingleton(NodeOptions.Observer with { Name = options.Name });
        services.AddSingleton(_ => new DataDirectory(options.Data));
        services.AddSingleton<BridgeLink>().AddSingleton<LeasedTasks>().AddSingleton<ITaskRoutes>(s => s.GetRequiredService<LeasedTasks>());
        services.AddSingleton<ResultUpload>().AddSingleton<RemoteTaskStore>().AddSingleton<ITaskStore>(s => s.GetRequiredService<RemoteTaskStore>()).AddSingleton<IDelivery>(s => s.GetRequiredService<RemoteTaskStore>());
        services.AddSingleton(s => new FailurePolicy(() => Retries(s.GetRequiredService<LeasedTasks>().Retries), () => s.GetRequiredService<LeasedTasks>().Retries.CrashLimit));
        // The bridge holds and delivers a saved result; the worker only sends it.
        services.AddSingleton(new HoldOptions(TimeSpan.Zero)).AddSingleton(new DeliveryOptions(TimeSpan.Zero, TimeSpan.Zero, new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))));
        services.AddSingleton<TaskSignal>().AddSingleton<TaskProgress>().AddSingleton<RunningTasks>().AddSingleton<ClassifierSlots>().AddSingleton<Openings>().AddSingleton<FirstTiles>();

        var staging = new StagingOptions(Path.Combine(options.Data, "slides"), 0, TimeSpan.Zero);
        services.AddSingleton(staging).AddSingleton(new FreeSpaceOptions(0, [options.Data])).AddSingleton<FreeSpace>().AddSingleton<StagingDirectory>().AddSingleton<StagedSlides>();
        services.AddSingleton(s => new BlockCache(BlockCache.Shared.MemoryBytes, BlockCache.Shared.DiskBytes, s.GetRequiredService<DataDirectory>().Workplace));
        services.AddSingleton(s => new SlideHttp(options.Outbound, new SlideOptions { Cache = s.GetRequiredService<BlockCache>(), TemporaryDirectory = s.GetRequiredService<DataDirectory>().Workplace }, relay));
        services.AddSingleton<ScanOpener>().AddSingleton<OverlayThumbnails>().AddSingleton<RunRecorder>();
        services.AddSingleton(s => new ProgramHost(options.Classifiers.Programs with { Hidden = [.. options.Classifiers.Programs.Hidden, options.Data] }, s.GetRequiredService<DataDirectory>().File("work", "programs")));
        services.AddSingleton<ClassifierCatalog>().AddSingleton<Classification>().AddSingleton<ResultSaving>().AddSingleton<TaskRunner>();
        services.AddHostedService<WarmUp>();
        services.AddHostedService<NoticeWatch>();
        services.AddHostedService<LeaseRenewal>();
        services.AddSingleton<WorkLoop>().AddHostedService(s => s.GetRequiredService<WorkLoop>()); // Stopped first: its leases are renewed until they are released.
    }

    static RetryOptions Retries(LeasedRetries retries) => new(retries.Tries, new Backoff(TimeSpan.FromSeconds(retries.FirstSeconds), TimeSpan.FromSeconds(retries.LongestSeconds)));
}
