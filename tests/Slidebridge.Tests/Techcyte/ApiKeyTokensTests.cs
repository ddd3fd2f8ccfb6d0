using System.Net;
using Slidebridge.Techcyte;

namespace Slidebridge.Tests.Techcyte;

public sealed class ApiKeyTokensTests
{
    /// <summary>A platform that takes its time and then fails.</summary>
    sealed class Silent : HttpMessageHandler
    {
        int calls;

        public int Calls => calls;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            await Task.Delay(200, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }
    }

    [Fact]
    public async Task Those_who_wait_for_a_fetch_that_fails_share_its_failure()
    {
        using var platform = new Silent();
        using var http = new HttpClient(platform);
        using var tokens = new ApiKeyTokens(http, new PlatformOptions(new Uri("http://127.0.0.1:9"), "id", "secret", TimeSpan.FromSeconds(5)), TimeProvider.System);
        var waiters = Enumerable.Range(0, 20).Select(_ => tokens.GetAsync(TestContext.Current.CancellationToken)).ToArray();
        foreach (var waiter in waiters) await Assert.ThrowsAsync<PlatformException>(() => waiter);
        Assert.Equal(1, platform.Calls);
        await Assert.ThrowsAsync<PlatformException>(() => tokens.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, platform.Calls);
    }
}
