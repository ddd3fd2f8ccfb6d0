using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Simulator.Slides;

namespace Slidebridge.Simulator;

/// <summary>
/// A local simulator of the platform: an API that enforces the documented rules, slides behind presigned URLs, AI requests and faults on demand.
/// Its state is in memory and is lost when it stops. docs/simulator.md explains its use.
/// </summary>
public sealed class Simulator : IAsyncDisposable
{
    /// <summary>The largest accepted body, in bytes: results of a whole slide can be large.</summary>
    const long LargestBody = 256L << 20;

    readonly WebApplication app;

    Simulator(WebApplication app, SimulatorOptions options)
    {
        this.app = app;
        Options = options;
        Address = new Uri(app.Urls.First());
        State = app.Services.GetRequiredService<PlatformState>();
        Faults = app.Services.GetRequiredService<FaultPlan>();
    }

    /// <summary>The options.</summary>
    public SimulatorOptions Options { get; }

    /// <summary>The base address of its API and of its slides.</summary>
    public Uri Address { get; }

    /// <summary>Its tasks, cases and evaluations.</summary>
    public PlatformState State { get; }

    /// <summary>The planned faults.</summary>
    public FaultPlan Faults { get; }

    /// <summary>Starts the simulator.</summary>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="DirectoryNotFoundException">The slides' folder does not exist.</exception>
    public static async Task<Simulator> StartAsync(SimulatorOptions options, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(options.SlidesDirectory)) throw new DirectoryNotFoundException($"The slides' folder {options.SlidesDirectory} does not exist.");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Listen, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
        });
        builder.Services.AddRouting();
        builder.Services.AddProblemDetails();
        builder.Services.AddSingleton(options).AddSingleton(options.Time);
        builder.Services.AddSingleton<PlatformState>().AddSingleton<AccessTokens>().AddSingleton<FaultPlan>();
        builder.Services.AddSingleton(new SlideLibrary(options)).AddSingleton<PresignedUrls>().AddSingleton<AiRequests>();
        options.AddServices?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        options.Configure?.Invoke(app);
        app.UseFaults();
        app.MapPlatform();
        app.MapSlides();
        app.MapRequests();
        app.MapFaults();
        app.MapGet("/simulator", () => TypedResults.Text(Page));
        await app.StartAsync(cancellationToken);
        return new Simulator(app, options);
    }

    /// <summary>Creates AI requests like the platform and calls the webhook for each.</summary>
    /// <returns>One task for each request, with the webhook's answer.</returns>
    /// <exception cref="AiRequestException">The request cannot be created.</exception>
    public Task<IReadOnlyList<SimulatedTask>> RequestAsync(AiRequest request, CancellationToken cancellationToken = default) =>
        app.Services.GetRequiredService<AiRequests>().MakeAsync(request, Address, cancellationToken);

    /// <summary>Stops immediately.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    const string Page = """
        A local simulator of the platform. See docs/simulator.md. With 'slidebridge simulate', pages for people are at /.

        POST /simulator/requests          creates AI requests: {"slides": ["a.svs"], "webhook": "http://127.0.0.1:3000/webhook"}
        GET  /simulator/requests[/TASK]   lists their state
        GET  /simulator/slides            the slides there are
        GET  /simulator/stats             counts
        GET, PUT, POST, DELETE /simulator/faults
        DELETE /simulator/state           forgets everything

        The platform: POST /api/v3/token, POST /api/v3/external/results/TASK, GET /api/v3/external/case_evaluations/TASK,
        PATCH /api/v3/external/case/TASK, POST /api/graphql

        """;
}
