using System.Globalization;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Tests.Simulation;

/// <summary>Slides behind presigned URLs, as an object store serves them.</summary>
public sealed class SlideTests
{
    [Fact]
    public async Task A_range_is_206_with_an_ETag_and_the_bytes_asked_for()
    {
        await using var platform = await StandIn.StartAsync();
        var url = StandIn.UrlOf(await platform.TaskAsync());
        var answer = await platform.CallAsync(HttpMethod.Get, url, range: "bytes=100-199");
        Assert.Equal(206, answer.Status);
        Assert.Equal(platform.Slide[100..200], answer.Bytes);
        Assert.Equal("bytes 100-199/10000", answer.Headers["Content-Range"]);
        Assert.StartsWith("\"", answer.Headers["ETag"], StringComparison.Ordinal);
        Assert.Equal(416, (await platform.CallAsync(HttpMethod.Get, url, range: "bytes=10000-")).Status);
    }

    [Fact]
    public async Task The_whole_is_200()
    {
        await using var platform = await StandIn.StartAsync();
        var answer = await platform.GetAsync(StandIn.UrlOf(await platform.TaskAsync()));
        Assert.Equal(200, answer.Status);
        Assert.Equal(platform.Slide, answer.Bytes);
    }

    [Fact]
    public async Task The_signature_covers_the_method_the_path_and_the_query()
    {
        await using var platform = await StandIn.StartAsync();
        var url = StandIn.UrlOf(await platform.TaskAsync());
        var other = new Uri(StandIn.UrlOf(await platform.TaskAsync()));
        Assert.Equal(403, (await platform.CallAsync(HttpMethod.Head, url)).Status);
        Assert.Equal(403, (await platform.GetAsync(url[..^1] + (url[^1] == '0' ? '1' : '0'))).Status);
        Assert.Equal(403, (await platform.GetAsync(url.Replace("X-Amz-Expires=3600", "X-Amz-Expires=7200", StringComparison.Ordinal))).Status);
        Assert.Equal(403, (await platform.GetAsync(other.GetLeftPart(UriPartial.Path) + new Uri(url).Query)).Status);
        Assert.Equal(403, (await platform.GetAsync(new Uri(url).GetLeftPart(UriPartial.Path))).Status);
    }

    [Fact]
    public async Task A_URL_expires()
    {
        await using var platform = await StandIn.StartAsync();
        var task = (await platform.Simulator.RequestAsync(new AiRequest { Slides = ["a.svs"], ExpiresIn = 60 }, TestContext.Current.CancellationToken)).Single();
        platform.Clock.Pass(TimeSpan.FromSeconds(59));
        Assert.Equal(200, (await platform.GetAsync(StandIn.UrlOf(task))).Status);
        platform.Clock.Pass(TimeSpan.FromSeconds(3));
        var expired = await platform.GetAsync(StandIn.UrlOf(task));
        Assert.Equal(403, expired.Status);
        Assert.Contains("Request has expired", expired.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_objects_name_tells_nothing_of_the_slide()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        var path = new Uri(StandIn.UrlOf(task)).AbsolutePath;
        Assert.EndsWith("." + task.Scans[0].Id, path, StringComparison.Ordinal);
        Assert.DoesNotContain("svs", path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_and_bytes_are_counted()
    {
        await using var platform = await StandIn.StartAsync();
        var url = StandIn.UrlOf(await platform.TaskAsync());
        await platform.CallAsync(HttpMethod.Get, url, range: "bytes=0-99");
        await platform.CallAsync(HttpMethod.Get, url, range: "bytes=50-99");
        Assert.Equal((2, 150), (platform.Simulator.State.SlideRequests, platform.Simulator.State.SlideBytes));
        var stats = (await platform.GetAsync("/simulator/stats")).Json;
        Assert.Equal("150", stats["slide_bytes"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture));
    }
}
