using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Slidebridge.Tests.Support;

/// <summary>A loopback web server that serves byte ranges as an object store does, and misbehaves on demand.</summary>
sealed class RangeServer : IAsyncDisposable
{
    readonly WebApplication application;
    readonly ConcurrentDictionary<string, ServedObject> objects = [];

    RangeServer(WebApplication application) => this.application = application;

    public static async Task<RangeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new RangeServer(builder.Build());
        server.application.Run(context => server.objects.TryGetValue(context.Request.Path, out var served) ? served.AnswerAsync(context) : NotFoundAsync(context));
        await server.application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Serves bytes under an address without an extension, as presigned URLs are.</summary>
    public ServedObject Serve(byte[] bytes)
    {
        var path = $"/files_uuid/{Guid.NewGuid()}";
        return objects[path] = new ServedObject(bytes, $"{application.Urls.First()}{path}?X-Amz-Signature=secret");
    }

    /// <summary>An address where nothing is.</summary>
    public string Nowhere => $"{application.Urls.First()}/nothing";

    public async ValueTask DisposeAsync() => await application.DisposeAsync();

    static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }
}
