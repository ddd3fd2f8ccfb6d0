using System.Net;
using Slidebridge.SimulatorPages;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Simulation;

/// <summary>The simulator's pages without a browser: who may see them, and what they say about bad input. tests/Slidebridge.Browser walks through them.</summary>
public sealed class SimulatorPagesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    Task<StandIn> StartAsync(string? slides = null) => StandIn.StartAsync(options =>
        SimulatorPages.SimulatorPages.With(options with { SlidesDirectory = slides ?? options.SlidesDirectory }, new SimulatorPageOptions(new Uri("http://127.0.0.1:3000/webhook")), folder.File("objects")));

    [Fact]
    public async Task The_first_page_lists_slides_and_cases_and_proposes_the_webhook()
    {
        await using var platform = await StartAsync();
        var task = await platform.TaskAsync("more/c.svs");
        var page = await platform.GetAsync("/");
        Assert.Equal(200, page.Status);
        Assert.Contains("value=\"a.svs\"", page.Text);
        Assert.Contains("http://127.0.0.1:3000/webhook", page.Text);
        Assert.Contains($"/cases/{task.CaseNumber}", page.Text);
        Assert.Contains("src=\"/pictures/more/c.svs\"", page.Text);
    }

    [Theory]
    [InlineData("/", "Host", "slides.example")]
    [InlineData("/simulator/slides", "Host", "slides.example")]
    [InlineData("/simulator/stats", "Origin", "https://other.example")]
    [InlineData("/", "Sec-Fetch-Site", "cross-site")]
    public async Task Another_sites_page_is_refused(string path, string header, string value)
    {
        await using var platform = await StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(platform, path, header, value));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(platform, path, "Accept", "*/*"));
    }

    [Fact]
    public async Task The_platforms_own_API_is_called_by_any_name()
    {
        // A bridge in a container reaches this machine by another name.
        await using var platform = await StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(platform, "/api/v3/external/case_evaluations/1", "Host", "host.docker.internal"));
    }

    static async Task<HttpStatusCode> StatusAsync(StandIn platform, string path, string header, string value)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(platform.Simulator.Address, path));
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await http.SendAsync(request, Token);
        return response.StatusCode;
    }

    [Theory]
    [InlineData("/cases/1", 404)]
    [InlineData("/cases/1/scans/2", 404)]
    [InlineData("/cases/1/scans/2/slide", 404)]
    [InlineData("/cases/99999999999999999999", 404)]
    [InlineData("/tasks/5/note", 404)]
    [InlineData("/pictures/nothing.svs", 404)]
    [InlineData("/pictures/..%2f..%2fetc/passwd", 404)]
    [InlineData("/pictures/b.tiff", 422)]
    [InlineData("/?case=x", 200)]
    public async Task What_is_not_there_or_is_no_slide_is_said(string path, int status)
    {
        await using var platform = await StartAsync();
        Assert.Equal(status, (await platform.GetAsync(path)).Status);
    }

    [Fact]
    public async Task A_slide_has_an_overview_and_tiles_and_an_evaluation_has_objects()
    {
        await using var platform = await StartAsync(Path.GetDirectoryName(SharedFiles.CmuSmallRegion));
        var task = await platform.TaskAsync(Path.GetFileName(SharedFiles.CmuSmallRegion));
        var scan = task.Scans[0].Id;
        await platform.CallAsync(HttpMethod.Post, $"/api/v3/external/results/{task.TaskNumber}", $$$$"""{"scanResults": [{"scanId": "{{{{scan}}}}", "qcFailReasons": ["blurry"], "geojson": {"type": "FeatureCollection", "features": [{{{{Box}}}}]}}], "caseResults": {"triage": {"category": "high", "score": 0.9}}}""", task.Token);
        var root = $"/cases/{task.CaseNumber}/scans/{scan}";

        Assert.Equal(200, (await platform.GetAsync($"/pictures/{Path.GetFileName(SharedFiles.CmuSmallRegion)}")).Status);
        var slide = (await platform.GetAsync($"{root}/slide")).Json!;
        Assert.Equal(2220, (int)slide["width"]!);
        Assert.Equal(200, (await platform.GetAsync($"{slide["tiles"]}/{(int)slide["levels"]! - 1}/1_1.jpg")).Status);
        Assert.Equal(409, (await platform.GetAsync($"{root}/slide/0000000000000000/0/0_0.jpg")).Status);
        Assert.Equal(1, (int)(await platform.GetAsync($"{root}/evaluations/1")).Json!["objects"]!);
        Assert.Equal("tumour", (string?)(await platform.GetAsync($"{root}/evaluations/1/0")).Json!["properties"]!["annotation_type"]);
        Assert.Equal(404, (await platform.GetAsync($"{root}/evaluations/2")).Status);

        var page = (await platform.GetAsync($"/cases/{task.CaseNumber}")).Text;
        Assert.Contains("Quality control: failed: blurry", page);
        Assert.Contains("high", page);
    }

    [Fact]
    public async Task Objects_that_cannot_be_read_are_explained()
    {
        await using var platform = await StartAsync();
        var task = await platform.TaskAsync();
        var scan = task.Scans[0].Id;
        // The platform takes a feature without a bounding box; Slidebridge's own rules do not.
        var posted = await platform.CallAsync(HttpMethod.Post, $"/api/v3/external/results/{task.TaskNumber}", $$$"""{"scanResults": [{"scanId": "{{{scan}}}", "geojson": {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"annotation_type": "a"} }] } }]}""", task.Token);
        Assert.Equal(201, posted.Status);
        var answer = await platform.GetAsync($"/cases/{task.CaseNumber}/scans/{scan}/evaluations/1");
        Assert.Equal(422, answer.Status);
        Assert.Contains("breaks the platform's rules", (string?)answer.Json!["detail"]);
    }

    [Fact]
    public async Task Each_slide_may_have_its_own_stain()
    {
        await using var platform = await StartAsync();
        var made = await platform.CallAsync(HttpMethod.Post, "/simulator/requests", """{"slides": ["a.svs", "b.tiff"], "stains": {"b.tiff": "Ki67"}}""");
        Assert.Equal(200, made.Status);
        var task = platform.Simulator.State.Tasks.Single();
        Assert.Contains($$$"""{"{{{task.Scans[0].Id}}}":{"value":"HE","stain_code":"HE"},"{{{task.Scans[1].Id}}}":{"value":"Ki67","stain_code":"KI67"}}""", task.Body);
        Assert.Contains("stains", (await platform.CallAsync(HttpMethod.Post, "/simulator/requests", """{"slides": ["a.svs"], "stains": {"b.tiff": "Ki67"}}""")).Text);
    }

    [Theory]
    [InlineData("http://127.0.0.1:3000/webhook", "http://127.0.0.1:3000/")]
    [InlineData("http://127.0.0.1:3000/bridge/webhook?key=1", "http://127.0.0.1:3000/bridge/")]
    [InlineData("https://bridge.example/webhook/a-key", "https://bridge.example/")]
    [InlineData("http://127.0.0.1:3000/other", null)]
    public void The_bridges_pages_are_beside_its_webhook(string webhook, string? pages) => Assert.Equal(pages, SimulatorPageOptions.BridgeOf(new Uri(webhook))?.ToString());

    const string Box = """{"type": "Feature", "bbox": [10, 10, 60, 60], "geometry": {"type": "Polygon", "coordinates": [[[10, 10], [60, 10], [60, 60], [10, 60], [10, 10]]]}, "properties": {"annotation_type": "tumour"}}""";
}
