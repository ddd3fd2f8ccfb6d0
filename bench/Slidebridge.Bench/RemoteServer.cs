using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Slidebridge.Bench;

/// <summary>Serves files by ranges on loopback, each answer after a wait, and counts what it sends.</summary>
sealed class RemoteServer : IAsyncDisposable
{
    readonly WebApplication application;

    RemoteServer(WebApplication application) => this.application = application;

    public static async Task<RemoteServer> StartAsync(string folder, TimeSpan latency, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new RemoteServer(builder.Build());
        server.application.MapGet("/{name}", async (string name) =>
        {
            await Task.Delay(latency);
            return TypedResults.PhysicalFile(Path.Combine(folder, Path.GetFileName(name)), "binary/octet-stream", enableRangeProcessing: true);
        });
        await server.application.StartAsync(cancellationToken);
        return server;
    }

    public string UrlOf(string path) => $"{application.Urls.First()}/{Path.GetFileName(path)}";

    public async ValueTask DisposeAsync() => await application.DisposeAsync();
}
