using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Slidebridge.Tests.Support;

/// <summary>A webhook that keeps what it is called with.</summary>
sealed class WebhookRecorder : IAsyncDisposable
{
    readonly WebApplication application;

    WebhookRecorder(WebApplication application) => this.application = application;

    public ConcurrentQueue<string> Bodies { get; } = [];

    public string Url => application.Urls.First() + "/webhook";

    public static async Task<WebhookRecorder> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var recorder = new WebhookRecorder(builder.Build());
        recorder.application.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            recorder.Bodies.Enqueue(await reader.ReadToEndAsync(context.RequestAborted));
            await context.Response.WriteAsync("{}", context.RequestAborted);
        });
        await recorder.application.StartAsync(TestContext.Current.CancellationToken);
        return recorder;
    }

    public async ValueTask DisposeAsync() => await application.DisposeAsync();
}
