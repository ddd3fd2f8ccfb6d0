using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StandardWebhooks;

namespace Slidebridge.Tests.Support;

/// <summary>An event as a receiver got it.</summary>
/// <param name="Id">The <c>webhook-id</c>.</param>
/// <param name="SentAt">The <c>webhook-timestamp</c>.</param>
/// <param name="Body">The body.</param>
/// <param name="Attempt">1 for the first request with this id.</param>
sealed record ReceivedEvent(string Id, DateTimeOffset SentAt, string Body, int Attempt)
{
    readonly JsonElement json = JsonDocument.Parse(Body).RootElement;

    public string Type => json.GetProperty("type").GetString()!;

    public DateTimeOffset At => json.GetProperty("timestamp").GetDateTimeOffset();

    public JsonElement Data => json.GetProperty("data");

    /// <summary>The task's number, or the group.</summary>
    public string Subject => Data.TryGetProperty("task", out var task) ? task.GetRawText() : Data.GetProperty("group").GetString()!;

    public string Told => $"{Type} {Subject}";
}

/// <summary>A receiver of signed webhooks on loopback. It checks each signature twice, with the package and by the specification's own words, and that no two events of one subject come at once.</summary>
sealed class EventReceiver : IAsyncDisposable
{
    public const string Secret = "whsec_c2xpZGVicmlkZ2UgZXZlbnRzIGFyZSBzaWduZWQ=";

    readonly WebApplication app;
    readonly ConcurrentDictionary<string, int> attempts = new();
    readonly ConcurrentDictionary<string, string> open = new();
    readonly ConcurrentQueue<ReceivedEvent> requests = new();
    readonly ConcurrentQueue<ReceivedEvent> accepted = new();
    readonly ConcurrentQueue<string> wrong = new();
    readonly string[] secrets;

    EventReceiver(int port, string[] secrets)
    {
        this.secrets = secrets;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        app = builder.Build();
        app.Run(ReceiveAsync);
    }

    /// <summary>Answers a request, in place of 200. Returns whether the event counts as accepted.</summary>
    public Func<ReceivedEvent, HttpContext, Task<bool>> Answer { get; set; } = (_, _) => Task.FromResult(true);

    public Uri Address { get; private set; } = null!;

    /// <summary>All requests, in the order in which they came.</summary>
    public IReadOnlyList<ReceivedEvent> Requests => [.. requests];

    /// <summary>The events that were accepted, in the order in which they came.</summary>
    public IReadOnlyList<ReceivedEvent> Accepted => [.. accepted];

    /// <summary>What a strict receiver would have refused.</summary>
    public IReadOnlyList<string> Wrong => [.. wrong];

    /// <param name="port">0: any.</param>
    /// <param name="secrets">Each must have signed. None: <see cref="Secret"/>.</param>
    public static async Task<EventReceiver> StartAsync(int port = 0, params string[] secrets)
    {
        var receiver = new EventReceiver(port, secrets.Length > 0 ? secrets : [Secret]);
        await receiver.app.StartAsync();
        receiver.Address = new Uri(new Uri(receiver.app.Urls.First()), "/events");
        return receiver;
    }

    /// <summary>Answers with a status.</summary>
    public static Task<bool> StatusAsync(HttpContext context, int status, string? retryAfter = null)
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        return Task.FromResult(status is >= 200 and < 300);
    }

    async Task ReceiveAsync(HttpContext context)
    {
        // A look whether somebody answers is no event.
        if (context.Request.Method == "GET") return;
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var id = context.Request.Headers["webhook-id"].ToString();
        Check(context.Request, id, body);
        var sentAt = DateTimeOffset.FromUnixTimeSeconds(long.Parse(context.Request.Headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture));
        var received = new ReceivedEvent(id, sentAt, body, attempts.AddOrUpdate(id, 1, (_, n) => n + 1));
        requests.Enqueue(received);
        if (!open.TryAdd(received.Subject, id)) wrong.Enqueue($"{received.Told} came while {open.GetValueOrDefault(received.Subject)} was not answered");
        try
        {
            if (!await Answer(received, context)) return;
            accepted.Enqueue(received);
        }
        finally
        {
            open.TryRemove(received.Subject, out _);
        }
    }

    void Check(HttpRequest request, string id, string body)
    {
        if (request.Method != "POST") wrong.Enqueue($"method {request.Method}");
        if (request.ContentType != "application/json") wrong.Enqueue($"content type {request.ContentType}");
        var signatures = request.Headers["webhook-signature"].ToString().Split(' ');
        if (signatures.Length != secrets.Length) wrong.Enqueue($"{signatures.Length} signatures");
        foreach (var secret in secrets)
        {
            try
            {
                new StandardWebhook(secret).Verify(body, request.Headers);
            }
            catch (Exception e)
            {
                wrong.Enqueue($"{id}: {e.Message}");
            }
            var signed = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{request.Headers["webhook-timestamp"]}.{body}"));
            if (!signatures.Contains($"v1,{Convert.ToBase64String(signed)}")) wrong.Enqueue($"{id} is not signed");
        }
    }

    /// <summary>Waits until something holds for the receiver.</summary>
    public async Task UntilAsync(Func<EventReceiver, bool> holds, int seconds = 60)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!holds(this))
        {
            Assert.False(patience.IsCancellationRequested, $"It does not happen. Received: {string.Join(", ", Requests.Select(r => r.Told))}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        Assert.Empty(Wrong);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
