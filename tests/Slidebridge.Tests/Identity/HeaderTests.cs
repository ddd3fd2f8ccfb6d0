using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Identity;

public sealed class HeaderTests
{
    [Fact]
    public async Task Every_answer_has_the_headers_that_protect_patients_in_browsers()
    {
        await using var bridge = await TestBridge.StartAsync();
        var paths = bridge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(e => e.RoutePattern.RawText!.Replace("{documentName}", "v1", StringComparison.Ordinal).TrimStart('/'));

        foreach (var path in (string[])[.. paths, "nowhere"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/" + path) { Headers = { { "Origin", bridge.Address.GetLeftPart(UriPartial.Authority) } } };
            using var response = await bridge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken); // A stream of events does not end.
            var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
            Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
            Assert.Equal("DENY", headers["X-Frame-Options"]);
            Assert.Equal("no-referrer", headers["Referrer-Policy"]);
            Assert.Contains("no-store", headers["Cache-Control"], StringComparison.Ordinal);
            Assert.StartsWith("default-src 'none'", headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", headers["Content-Security-Policy"], StringComparison.Ordinal);
            foreach (var directive in (string[])["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) Assert.Contains(directive, headers["Content-Security-Policy"], StringComparison.Ordinal);
            // What is not the page's own opens as no page.
            if (!headers["Content-Security-Policy"].Contains("script-src 'self'", StringComparison.Ordinal)) Assert.EndsWith("; sandbox", headers["Content-Security-Policy"], StringComparison.Ordinal);
            if (headers.TryGetValue("Content-Type", out var type) && type.StartsWith("text/", StringComparison.Ordinal)) Assert.Contains("charset=utf-8", type, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(headers.Keys, key => key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain("Server", headers.Keys);
        }
    }
}
