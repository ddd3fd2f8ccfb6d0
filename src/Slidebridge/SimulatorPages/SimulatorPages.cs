using Slidebridge.Objects;
using Slidebridge.Security;
using Slidebridge.Simulator;
using Slidebridge.Viewing;

namespace Slidebridge.SimulatorPages;

/// <summary>Pages for people on top of the simulator's API: the platform's own steps, from the choice of slides to the objects on them.</summary>
static class SimulatorPages
{
    /// <summary>Indexes on disk: those that were not used for longest are deleted first.</summary>
    const long MostIndexBytes = 1L << 30;

    /// <summary>The options with the pages.</summary>
    /// <param name="options">The simulator's.</param>
    /// <param name="pages">What the pages begin with.</param>
    /// <param name="folder">A private folder for indexes of objects, which nothing else uses.</param>
    public static SimulatorOptions With(SimulatorOptions options, SimulatorPageOptions pages, string folder) => options with
    {
        AddServices = services =>
        {
            services.AddRazorComponents();
            services.AddSingleton(pages);
            services.AddSingleton<OpenSlides>().AddSingleton<SimulatedSlides>();
            services.AddSingleton(_ => new ObjectIndexes(folder, MostIndexBytes)).AddSingleton<EvaluationObjects>();
            services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        },
        Configure = app =>
        {
            app.Use(GuardAsync);
            app.UseRouting();
            app.MapSimulatorPages();
        },
    };

    /// <summary>
    /// Pages and the control API are for this machine's user: another site's page must neither read slides nor create requests. The platform's own API and the slides have tokens and signatures, and are called by programs.
    /// </summary>
    static Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        var isPlatform = path.StartsWithSegments("/api") || path.StartsWithSegments("/slides");
        if (!isPlatform)
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
        }
        if (isPlatform || LocalCaller.IsOwnPage(context.Request)) return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
