using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Slidebridge.Tests.Simulation;

/// <summary>A webhook that keeps what it is sent.</summary>
sealed class Webhook : IAsyncDisposable
{
    readonly WebApplication app;
    int open;
    int most;

    Webhook(WebApplication app) => this.app = app;

    public string Url => $"{app.Urls.First()}/webhook";

    /// <summary>The bodies, in the order in which they came.</summary>
    public ConcurrentQueue<JsonObject> Bodies { get; } = new();

    /// <summary>The most calls there were at a time.</summary>
    public int MostAtATime => most;

    public static async Task<Webhook> StartAsync(int status = 200, string answer = """{"message":"Processing started"}""", TimeSpan takes = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var webhook = new Webhook(builder.Build());
        webhook.app.Run(async context =>
        {
            var now = Interlocked.Increment(ref webhook.open);
            for (var seen = webhook.most; now > seen; seen = webhook.most) Interlocked.CompareExchange(ref webhook.most, now, seen);
            Assert.Equal("application/json; charset=utf-8", context.Request.ContentType);
            webhook.Bodies.Enqueue((await JsonNode.ParseAsync(context.Request.Body))!.AsObject());
            await Task.Delay(takes);
            context.Response.StatusCode = status;
            Interlocked.Decrement(ref webhook.open);
            await context.Response.WriteAsync(answer);
        });
        await webhook.app.StartAsync(TestContext.Current.CancellationToken);
        return webhook;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
