using System.Text.Json.Nodes;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Tests.Simulation;

public sealed class SlideTests
{
    [Fact]
    public async Task A_URL_looks_like_S3s_and_tells_nothing_of_the_file()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        var url = new Uri(StandIn.UrlOf(task));
        Assert.Equal(platform.Simulator.Address.Authority, url.Authority);
        Assert.Matches($@"^/slides/files_uuid/[0-9a-f-]{{36}}\.{task.Scans[0].Id}$", url.AbsolutePath);
        Assert.Matches(@"^\?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=[^&]+%2Fs3%2Faws4_request&X-Amz-Date=20260304T050607Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}$", url.Query);
        Assert.DoesNotContain("svs", url.ToString());
    }

    [Fact]
    public async Task The_whole_slide_is_200()
    {
        await using var platform = await StandIn.StartAsync();
        var answer = await platform.GetAsync(StandIn.UrlOf(await platform.TaskAsync()));
        Assert.Equal(200, answer.Status);
        Assert.Equal(platform.Slide, answer.Bytes);
        Assert.Equal(("bytes", "binary/octet-stream"), (answer.Headers["Accept-Ranges"], answer.Headers["Content-Type"]));
        Assert.True(answer.Headers.ContainsKey("ETag"));
    }

    [Theory]
    [InlineData("bytes=0-99", 0, 100)]
    [InlineData("bytes=9900-", 9900, 100)]
    [InlineData("bytes=-10", 9990, 10)]
    [InlineData("bytes=9999-20000", 9999, 1)]
    public async Task A_range_is_206_with_the_slides_ETag(string range, int from, int length)
    {
        await using var platform = await StandIn.StartAsync();
        var url = StandIn.UrlOf(await platform.TaskAsync());
        var answer = await platform.CallAsync(HttpMethod.Get, url, range: range);
        Assert.Equal(206, answer.Status);
        Assert.Equal(platform.Slide[from..(from + length)], answer.Bytes);
        Assert.Equal($"bytes {from}-{from + length - 1}/10000", answer.Headers["Content-Range"]);
        Assert.Equal((await platform.GetAsync(url)).Headers["ETag"], answer.Headers["ETag"]);
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_416()
    {
        await using var platform = await StandIn.StartAsync();
        var answer = await platform.CallAsync(HttpMethod.Get, StandIn.UrlOf(await platform.TaskAsync()), range: "bytes=10000-10001");
        Assert.Equal((416, "bytes */10000"), (answer.Status, answer.Headers["Content-Range"]));
    }

    [Fact]
    public async Task A_URL_for_GET_is_refused_to_HEAD()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(403, (await platform.CallAsync(HttpMethod.Head, StandIn.UrlOf(await platform.TaskAsync()))).Status);
    }

    [Fact]
    public async Task A_URL_that_was_changed_is_403()
    {
        await using var platform = await StandIn.StartAsync();
        var (url, other) = (StandIn.UrlOf(await platform.TaskAsync()), StandIn.UrlOf(await platform.TaskAsync("b.tiff")));
        foreach (var changed in new[]
        {
            url[..^1] + (url[^1] == '0' ? '1' : '0'),
            url[..^1],
            url + "0",
            url.Replace("X-Amz-Expires=3600", "X-Amz-Expires=7200", StringComparison.Ordinal),
            url.Replace("X-Amz-Date=2026", "X-Amz-Date=2027", StringComparison.Ordinal),
            url.Replace("AKIALOCAL", "AKIAOTHER", StringComparison.Ordinal),
            new Uri(other).GetLeftPart(UriPartial.Path) + new Uri(url).Query,
            new Uri(url).GetLeftPart(UriPartial.Path),
            new Uri(url).GetLeftPart(UriPartial.Path) + "?x=1&X-Amz-Signature=00",
            new Uri(platform.Simulator.Address, "/slides/files_uuid/a.svs").ToString(),
        })
        {
            var answer = await platform.GetAsync(changed);
            Assert.Equal(403, answer.Status);
            Assert.Contains("<Code>SignatureDoesNotMatch</Code>", answer.Text);
        }
    }

    [Fact]
    public async Task A_URL_expires()
    {
        await using var platform = await StandIn.StartAsync(o => o with { UrlLifetime = TimeSpan.FromMinutes(10) });
        var url = StandIn.UrlOf(await platform.TaskAsync());
        var (brief, _) = await MakeAsync(platform, new AiRequest { Slides = ["a.svs"], ExpiresIn = 5 });
        platform.Clock.Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(200, (await platform.GetAsync(url)).Status);
        await AssertExpiredAsync(platform, brief);
        platform.Clock.Pass(TimeSpan.FromMinutes(10));
        await AssertExpiredAsync(platform, url);
    }

    [Fact]
    public async Task Each_scan_of_each_task_has_an_object_of_its_own()
    {
        await using var platform = await StandIn.StartAsync();
        var (first, task) = await MakeAsync(platform, new AiRequest { Slides = ["a.svs", "a.svs", "more/c.svs"] });
        var urls = JsonNode.Parse(task.Body)!["scans"]!.AsObject().Select(s => (string)s.Value!).ToArray();
        Assert.Equal(3, urls.Distinct().Count());
        Assert.Equal(first, urls[0]);
        Assert.Equal("a slide in a folder", (await platform.GetAsync(urls[2])).Text);
    }

    static async Task<(string Url, SimulatedTask Task)> MakeAsync(StandIn platform, AiRequest request)
    {
        var task = (await platform.Simulator.RequestAsync(request, TestContext.Current.CancellationToken))[0];
        return (StandIn.UrlOf(task), task);
    }

    static async Task AssertExpiredAsync(StandIn platform, string url)
    {
        var answer = await platform.GetAsync(url);
        Assert.Equal(403, answer.Status);
        Assert.Contains("Request has expired", answer.Text);
    }
}
