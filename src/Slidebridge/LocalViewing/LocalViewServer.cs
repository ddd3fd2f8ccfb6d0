using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Slidebridge.Security;

namespace Slidebridge.LocalViewing;

/// <summary>
/// A web server for the user of this machine alone. It listens on loopback; each address begins with a secret, because other users of the machine can connect too; and a request whose Host is not
/// a loopback name is refused, because a page of another site may have a name that points here.
/// </summary>
sealed class LocalViewServer : IAsyncDisposable
{
    readonly WebApplication app;

    LocalViewServer(WebApplication app, string secret)
    {
        this.app = app;
        Address = new Uri($"{app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/{secret}/");
    }

    /// <summary>The address of the page, with its secret.</summary>
    public Uri Address { get; }

    /// <summary>Starts the server.</summary>
    /// <param name="scans">The slides; they must be open until the server is disposed.</param>
    /// <param name="results">Their results.</param>
    /// <param name="port">0: any free port.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<LocalViewServer> StartAsync(IReadOnlyList<LocalScan> scans, LocalResults results, int port, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddRouting().AddProblemDetails().AddRazorComponents();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        app.Use((context, next) => GuardAsync(context, next, secret));
        app.UseExceptionHandler();
        app.UseRouting();
        app.MapLocalView(secret, scans, results);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        return new LocalViewServer(app, secret);
    }

    static async Task GuardAsync(HttpContext context, RequestDelegate next, string secret)
    {
        var headers = context.Response.Headers;
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        if (!LocalCaller.Is(context))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        // The scripts and styles are everybody's; all else is the slide's.
        var first = context.Request.Path.Value?.Split('/', 3).ElementAtOrDefault(1);
        if (first != "assets")
        {
            headers.CacheControl = "no-store";
            if (!SecretComparer.Matches(secret, first))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
        }
        await next(context);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }
}
