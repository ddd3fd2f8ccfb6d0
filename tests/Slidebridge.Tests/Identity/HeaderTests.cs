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
            using var response = await bridge.GetAsync("/" + path);
            var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
            Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
            Assert.Equal("DENY", headers["X-Frame-Options"]);
            Assert.Equal("no-referrer", headers["Referrer-Policy"]);
            Assert.Contains("no-store", headers["Cache-Control"], StringComparison.Ordinal);
            Assert.StartsWith("default-src 'none'", headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.DoesNotContain("Server", headers.Keys);
        }
    }

    [Fact]
    public async Task The_page_has_no_inline_script_or_style_and_its_files_are_there()
    {
        await using var bridge = await TestBridge.StartAsync();
        var page = await (await bridge.GetAsync("/")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotMatch("<style|<script(?![^>]*src=)|style=|\\son\\w+=", page);
        foreach (var (file, type) in ((string, string)[])[("/assets/page.js", "text/javascript"), ("/assets/page.css", "text/css")])
        {
            Assert.Contains(file, page, StringComparison.Ordinal);
            Assert.Equal(type, (await bridge.GetAsync(file)).Content.Headers.ContentType?.MediaType);
        }
    }
}
