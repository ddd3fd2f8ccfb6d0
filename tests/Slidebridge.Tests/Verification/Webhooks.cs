using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Simulator.Platform;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Verification;

/// <summary>Webhooks as somebody sends them who has learned the address: the platform's own, bent.</summary>
static class Webhooks
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The platform's webhook with another slide: of the same task and scan, at the attacker's address.</summary>
    public static string WithSlideOf(this SimulatedTask task, Uri attacker, string? token) => task.Bent(body =>
    {
        var scan = task.Scans[0].Id;
        body["scans"] = new JsonObject { [scan] = attacker.ToString() };
        body.Remove("scan_urls");
        body.Remove("jwt_token");
        if (token is not null) body["jwt_token"] = token;
    });

    public static string Bent(this SimulatedTask task, Action<JsonObject> bend)
    {
        var body = JsonNode.Parse(task.Body)!.AsObject();
        bend(body);
        return body.ToJsonString();
    }

    /// <summary>Posts as a proxy or a tunnel on this machine would pass it on.</summary>
    public static async Task<HttpResponseMessage> PostFromElsewhereAsync(this TestBridge bridge, string body, string header = "X-Forwarded-For")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/webhook", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(header, "203.0.113.9");
        return await bridge.Http.SendAsync(request, Token);
    }

    public static async Task AssertTakenAsync(this TestBridge bridge, string body)
    {
        using var answer = await bridge.PostAsync(body);
        Assert.True(answer.StatusCode is HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
    }

    public static async Task<string[]> EventsAsync(this TestBridge bridge, SimulatedTask task) =>
        [.. (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("what").GetString()!)];

    public static async Task UntilVerifiedAsync(this TestBridge bridge, SimulatedTask task)
    {
        while (!(await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).TryGetProperty("verifiedAt", out _)) await Task.Delay(10, Token);
    }

    /// <summary>Waits until a task's events fulfil something.</summary>
    public static async Task UntilEventAsync(this TestBridge bridge, SimulatedTask task, Func<string, bool> fulfils)
    {
        for (var tries = 0; ; tries++)
        {
            using var answer = await bridge.GetAsync($"/api/tasks/{task.TaskNumber}");
            string[] events = answer.IsSuccessStatusCode ? await bridge.EventsAsync(task) : [];
            if (events.Any(fulfils)) return;
            Assert.True(tries < 2000, $"It does not happen: {string.Join("; ", events)}");
            await Task.Delay(10, Token);
        }
    }

    /// <summary>An attacker's store: it counts who connects, and serves nothing.</summary>
    public sealed class Store : IAsyncDisposable
    {
        readonly TcpListener listener = new(IPAddress.Loopback, 0);
        readonly Task serving;
        int requests;

        public Store()
        {
            listener.Start();
            Slide = new Uri($"http://{listener.LocalEndpoint}/slide");
            serving = ServeAsync();
        }

        public Uri Slide { get; }

        public int Requests => Volatile.Read(ref requests);

        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var caller = await listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref requests);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await serving;
            listener.Dispose();
        }
    }
}
