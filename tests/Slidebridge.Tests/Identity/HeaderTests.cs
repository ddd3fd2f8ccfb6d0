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
            using var response = await bridge.Http.SendAsync(request, TestContext.Current.CancellationToken);
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

    [Fact]
    public async Task The_page_s_script_makes_no_markup_and_no_code_from_text_and_stores_nothing()
    {
        await using var bridge = await TestBridge.StartAsync();
        var script = await (await bridge.GetAsync("/assets/page.js")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("append(", script, StringComparison.Ordinal);
        Assert.Contains("sign out", script, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\.(inner|outer)HTML\s*\+?=[^=]|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\([""'`]|localStorage|sessionStorage|indexedDB|document\.cookie|postMessage|RegExp\(", script);
    }
}
