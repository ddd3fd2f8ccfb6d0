using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Hosting;
using Slidebridge.Simulator.Requests;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.MainJob;

/// <summary>Webhook → durable task → slide read over ranges → classifier → validated result → posted once → picture.</summary>
public sealed class MainJobTests
{
    [Fact]
    public async Task Four_boxes_of_the_real_slide_reach_the_platform_once()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        Assert.Equal(200, task.Webhook!.Status);
        Assert.Equal($$"""{"message":"Processing started","task_id":"{{task.TaskId}}"}""", task.Webhook.Answer);

        var ended = await bridge.CompleteAsync(task);
        var evaluation = Assert.Single(bridge.EvaluationsOf(task));
        Assert.Equal(4, evaluation.CaseResults.GetProperty("mitosisCount").GetInt32());

        // 2220 × 2967: the halves meet at whole pixels.
        double[][] expected = [[0, 0, 1110, 1483], [1110, 0, 2220, 1483], [0, 1483, 1110, 2967], [1110, 1483, 2220, 2967]];
        var features = evaluation.Result.GetProperty("geojson").GetProperty("features").EnumerateArray().ToArray();
        Assert.Equal(expected, features.Select(f => f.GetProperty("bbox").EnumerateArray().Select(n => n.GetDouble()).ToArray()));
        Assert.All(features, f => Assert.Equal("tissue_tumor_positive", f.GetProperty("properties").GetProperty("annotation_type").GetString()));
        Assert.All(features, f => Assert.True(JsonElement.DeepEquals(Outline(f)[0], Outline(f)[4])));
        Assert.All(features, f => Assert.Equal("Polygon", f.GetProperty("geometry").GetProperty("type").GetString()));

        Assert.Equal(["accepted", "running", "classified", "delivering", "completed"], ended.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("state").GetString()));
        var scan = Assert.Single(ended.GetProperty("scans").EnumerateArray());
        Assert.Equal(1, scan.GetProperty("progress").GetDouble());
        Assert.Equal("""{"runs":1,"posts":1,"crashes":0}""", ended.GetProperty("attempts").GetRawText());

        static JsonElement Outline(JsonElement feature) => feature.GetProperty("geometry").GetProperty("coordinates")[0];
    }

    [Theory]
    [InlineData("series")]
    [InlineData("series.zip")]
    public async Task A_DICOM_series_as_many_objects_or_as_a_zip_reaches_the_platform_once(string slide)
    {
        using var slides = new TemporaryFolder();
        await SyntheticTissue.Create(1600, 1200, 4).WriteSeriesAsync(slides.File("series"), cancellationToken: TestContext.Current.CancellationToken);
        ZipFile.CreateFromDirectory(slides.File("series"), slides.File("series.zip"));
        await using var bridge = await TestBridge.StartAsync(platform: options => options with { SlidesDirectory = slides.Path });
        var task = await bridge.RequestAsync(slide);
        await bridge.CompleteAsync(task);
        var features = Assert.Single(bridge.EvaluationsOf(task)).Result.GetProperty("geojson").GetProperty("features").EnumerateArray();
        Assert.Equal([800, 600], features.First().GetProperty("bbox").EnumerateArray().Skip(2).Select(n => n.GetDouble()));
    }

    [Fact]
    public async Task The_slide_is_read_by_ranges_and_not_downloaded()
    {
        await using var bridge = await TestBridge.StartAsync();
        await bridge.CompleteAsync(await bridge.RequestAsync());
        Assert.InRange(bridge.Platform.State.SlideBytes, 1, new FileInfo(SharedFiles.CmuSmallRegion).Length / 4);
    }

    [Fact]
    public async Task The_saved_result_is_what_was_posted_and_its_picture_is_drawn()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var result = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/result");
        Assert.True(JsonElement.DeepEquals(bridge.EvaluationsOf(task).Single().Result, result.GetProperty("scanResults")[0]));

        var picture = await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}/overlay.png");
        Assert.Equal("image/png", picture.Content.Headers.ContentType!.MediaType);
        var raster = Raster.Decode(await picture.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal((574, 768), (raster.Width, raster.Height));
        // The boxes' edge is green where the slide is near white.
        var corner = raster.Pixels.AsSpan(0, 3);
        Assert.True(corner[1] > corner[0] + 50 && corner[1] > corner[2] + 30, Convert.ToHexString(corner));
    }

    [Fact]
    public async Task The_tissue_of_the_real_slide_is_outlined_and_measured()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, "tissue")]);
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var result = bridge.EvaluationsOf(task).Single().Result;
        Assert.Empty(result.GetProperty("qcFailReasons").EnumerateArray());
        var report = result.GetProperty("workflow").GetProperty("report");
        Assert.Equal("Basic", report.GetProperty("type").GetString());
        var area = report.GetProperty("results")[0].GetProperty("result").GetString()!;
        // 36 % of 2220 × 2967 pixels of 0.499 µm is 0.59 mm².
        Assert.EndsWith(" mm²", area, StringComparison.Ordinal);
        Assert.InRange(double.Parse(area[..^4], System.Globalization.CultureInfo.InvariantCulture), 0.54, 0.64);
        Assert.NotEmpty(result.GetProperty("geojson").GetProperty("features").EnumerateArray());
    }

    [Fact]
    public async Task Three_scans_are_all_classified_and_posted_as_one()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync(TestBridge.RealSlide, TestBridge.RealSlide, TestBridge.RealSlide);
        await bridge.CompleteAsync(task);
        Assert.Equal(task.Scans.Select(s => s.Id), bridge.EvaluationsOf(task).Select(e => e.Scan));
        Assert.Equal(12, bridge.EvaluationsOf(task)[0].CaseResults.GetProperty("mitosisCount").GetInt32());
        Assert.Single(task.Posts);
        foreach (var scan in task.Scans)
            Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/scans/{scan.Id}/overlay.png")).StatusCode);
    }

    [Fact]
    public async Task The_same_task_is_answered_alike_and_run_once_however_often_it_comes()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.PrepareAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ => await (await bridge.PostAsync(task.Body)).Content.ReadAsStringAsync()));
        Assert.All(answers, answer => Assert.Equal($$"""{"message":"Processing started","task_id":"{{task.TaskId}}"}""", answer));
        await bridge.CompleteAsync(task);

        // The same task by its plain number, after its end.
        var byNumber = JsonNode.Parse(task.Body)!;
        byNumber["task_id"] = task.TaskNumber;
        var answer = await bridge.PostAsync(byNumber.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Equal(1, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_server_that_ignores_Range_serves_as_well()
    {
        await using var bridge = await TestBridge.StartAsync();
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, TestContext.Current.CancellationToken));
        served.IgnoresRange = true;
        var task = await bridge.PrepareAsync();
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync(WithUrl(task.Body, task.Scans[0].Id, served.Url))).StatusCode);
        await bridge.CompleteAsync(task);
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.All(served.Asked, asked => Assert.StartsWith("GET", asked, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slide_on_a_private_host_that_is_not_allowed_fails_at_once()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.AllowHost, "slides.example")]);
        var task = await bridge.RequestAsync();
        Assert.Contains("--allow-host 127.0.0.1", await bridge.FailAsync(task), StringComparison.Ordinal);
        Assert.Equal(0, bridge.Platform.State.SlideRequests);
    }

    [Theory]
    [InlineData("corrupt/unreadable.svs", "tissue", "cannot be decoded")]
    [InlineData("README.md", "boxes", "do not belong to a known slide format")]
    public async Task What_is_no_slide_fails_with_its_reason(string slide, string classifier, string reason)
    {
        var root = Path.GetDirectoryName(Path.GetDirectoryName(SharedFiles.CmuSmallRegion))!;
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, classifier)], platform => platform with { SlidesDirectory = root });
        Assert.Contains(reason, await bridge.FailAsync(await bridge.RequestAsync(slide)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_URL_fails_and_says_so()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], ExpiresIn = 0, Webhook = "" })).Single();
        await Task.Delay(1100, TestContext.Current.CancellationToken); // A presigned URL counts in whole seconds.
        await bridge.PostAsync(task.Body);
        Assert.Contains("expired", await bridge.FailAsync(task), StringComparison.Ordinal);
    }

    internal static string WithUrl(string body, string scan, string url)
    {
        var json = JsonNode.Parse(body)!;
        json["scans"]![scan] = url;
        json["scan_urls"]![scan] = new JsonArray(url);
        return json.ToJsonString();
    }
}
