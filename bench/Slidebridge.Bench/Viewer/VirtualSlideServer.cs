using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Slidebridge.Bench.Viewer;

/// <summary>Serves virtual slides by ranges on loopback, as an object store does; each answer begins after a wait. Each name is another slide.</summary>
sealed class VirtualSlideServer : IAsyncDisposable
{
    readonly WebApplication application;
    readonly IReadOnlyDictionary<int, VirtualSlide> slides;
    readonly int latency;
    long requests, bytes;

    VirtualSlideServer(WebApplication application, IReadOnlyDictionary<int, VirtualSlide> slides, int latency) => (this.application, this.slides, this.latency) = (application, slides, latency);

    /// <summary>Requests and bytes so far.</summary>
    public (long Requests, long Bytes) Served => (Interlocked.Read(ref requests), Interlocked.Read(ref bytes));

    /// <param name="slides">The slides by their size in megabytes.</param>
    /// <param name="latency">Milliseconds before each answer.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static async Task<VirtualSlideServer> StartAsync(IReadOnlyDictionary<int, VirtualSlide> slides, int latency, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new VirtualSlideServer(builder.Build(), slides, latency);
        server.application.MapGet("/{megabytes:int}/{name}", (int megabytes, HttpContext context) => server.AnswerAsync(megabytes, context));
        await server.application.StartAsync(cancellationToken);
        return server;
    }

    public string UrlOf(int megabytes, string name) => string.Create(CultureInfo.InvariantCulture, $"{application.Urls.First()}/{megabytes}/{name}");

    async Task AnswerAsync(int megabytes, HttpContext context)
    {
        await Task.Delay(latency, context.RequestAborted);
        var slide = slides[megabytes];
        var range = RangeHeaderValue.TryParse(context.Request.Headers.Range.ToString(), out var asked) && asked.Ranges.Count == 1 ? asked.Ranges.First() : new RangeItemHeaderValue(0, null);
        var from = range.From ?? Math.Max(0, slide.Length - range.To!.Value);
        var to = range.From is null ? slide.Length - 1 : Math.Min(range.To ?? slide.Length - 1, slide.Length - 1);
        var body = new byte[to - from + 1];
        slide.Read(from, body);
        Interlocked.Increment(ref requests);
        Interlocked.Add(ref bytes, body.Length);
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        context.Response.ContentType = "binary/octet-stream";
        context.Response.ContentLength = body.Length;
        context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{slide.Length}");
        context.Response.Headers.ETag = "\"1\"";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(CancellationToken.None);
        await application.DisposeAsync();
    }
}
