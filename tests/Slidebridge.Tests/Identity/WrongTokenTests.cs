using System.Net;
using System.Net.Http.Headers;
using Slidebridge.Hosting;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Identity;

public sealed class WrongTokenTests
{
    const string Right = "b7e1-9c44-shared-by-all";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_wrong_tokens_are_refused_and_counted_and_a_right_one_is_answered_meanwhile()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiToken, Right)]);
        var answered = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var right = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal(HttpStatusCode.OK, await CallAsync(bridge, Right));
                answered++;
            }
        }, Token);

        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 256, CancellationToken = Token }, async (n, _) =>
            Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(bridge, n % 2 == 0 ? $"wrong-{n}" : $"sbt_abcdefghij_{n}")));
        await stop.CancelAsync();
        await right;

        using var metrics = await bridge.SendAsync(HttpMethod.Get, "/metrics", Right);
        var failures = (await metrics.Content.ReadAsStringAsync(Token)).Split('\n').Single(l => l.StartsWith("slidebridge_auth_failures_total{what=\"API token\"}", StringComparison.Ordinal));
        Assert.True(long.Parse(failures[(failures.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture) >= 10_000, failures);
        Assert.True(answered > 10, $"A right token was answered {answered} times.");
        // The log grows with the logarithm of the guesses.
        Assert.InRange((await bridge.AuditAsync(1, line => line.Action == "sign-in")).Count, 1, 20);
    }

    [Theory]
    [InlineData("/health/ready")]
    [InlineData("/api/tasks")]
    [InlineData("/")]
    public async Task A_wrong_token_is_counted_wherever_it_is_sent(string path)
    {
        await using var bridge = await TestBridge.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            using var response = await bridge.SendAsync(HttpMethod.Get, path, "wrong");
            Assert.Equal(path == "/health/ready" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
        }

        await bridge.AuditAsync(2, line => line.Action == "sign-in");
    }

    [Fact]
    public async Task A_webhook_and_a_load_balancer_are_not_asked_who_they_are()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sbt_abcdefghij_wrong");
        for (var i = 0; i < 30; i++) Assert.Equal(HttpStatusCode.BadRequest, (await bridge.PostAsync("{}")).StatusCode);
        using (var head = await bridge.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health/live"), Token)) Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        using (var wrong = await bridge.GetAsync("/webhook")) Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);

        Assert.Equal(HttpStatusCode.Unauthorized, (await bridge.GetAsync("/api/tasks")).StatusCode);

        Assert.Equal("refused: wrong token", (await bridge.AuditAsync(1, line => line.Action == "sign-in")).Single().Outcome);
    }

    static async Task<HttpStatusCode> CallAsync(TestBridge bridge, string token)
    {
        using var response = await bridge.SendAsync(HttpMethod.Get, "/api/tasks?limit=1", token);
        return response.StatusCode;
    }
}
