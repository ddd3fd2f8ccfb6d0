using System.Net;
using System.Text.Json.Nodes;
using Slidebridge.Commands;
using Slidebridge.Tests.Objects;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class ViewCommandTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    Task<string> SlideAsync() => PaintedSlide.WriteAsync(folder, 600, 400, (_, _) => PaintedSlide.Eosin);

    /// <summary>The command while it serves.</summary>
    sealed class Serving : IAsyncDisposable
    {
        readonly CancellationTokenSource stop = new();
        readonly StringWriter output = new(), error = new();
        readonly Task<int> ended;

        Serving(string[] arguments) => ended = ViewCommand.Create(Bridge.CreateBuilder([])).Parse(arguments).InvokeAsync(new()
        {
            Output = TextWriter.Synchronized(output),
            Error = TextWriter.Synchronized(error),
            EnableDefaultExceptionHandler = false,
        }, stop.Token);

        public Uri Address { get; private set; } = null!;

        public HttpClient Http { get; } = new();

        public string Error => error.ToString();

        public static async Task<Serving> StartAsync(params string[] arguments)
        {
            var serving = new Serving(arguments);
            while (!serving.output.ToString().EndsWith('\n'))
            {
                Assert.False(serving.ended.IsCompleted, serving.Error);
                await Task.Delay(20, Token);
            }
            serving.Address = new Uri(serving.output.ToString().Trim());
            return serving;
        }

        public async Task<JsonNode> JsonAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(new Uri(Address, path), Token))!;

        public async Task<HttpStatusCode> StatusAsync(string path, string? host = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path));
            request.Headers.Host = host;
            using var response = await Http.SendAsync(request, Token);
            return response.StatusCode;
        }

        /// <summary>The first event of the page's stream that is wanted.</summary>
        public async Task<JsonNode> EventAsync(Func<JsonNode, bool> isWanted)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            limit.CancelAfter(Patience);
            using var lines = new StreamReader(await Http.GetStreamAsync(new Uri(Address, "live"), limit.Token));
            while (await lines.ReadLineAsync(limit.Token) is { } line)
                if (line.StartsWith("data: ", StringComparison.Ordinal) && JsonNode.Parse(line[6..])! is var state && isWanted(state)) return state;
            throw new EndOfStreamException();
        }

        public async Task<int> StopAsync()
        {
            await stop.CancelAsync();
            return await ended.WaitAsync(Patience, Token);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            Http.Dispose();
            stop.Dispose();
        }
    }

    [Fact]
    public async Task A_slide_and_a_results_objects_are_served_at_the_printed_address()
    {
        var slide = await SlideAsync();
        await File.WriteAllBytesAsync(folder.File("results.json"), Result.OfFeatures(Result.Box(10, 10, 20, 20), Result.Box(100, 100, 20, 20)), Token);
        await using var serving = await Serving.StartAsync(slide, "--results", folder.File("results.json"));

        using var page = await serving.Http.GetAsync(serving.Address, Token);
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var html = await page.Content.ReadAsStringAsync(Token);
        Assert.Contains(Path.GetFileName(slide), html, StringComparison.Ordinal);
        foreach (var asset in System.Text.RegularExpressions.Regex.Matches(html, "\"(/assets/[^\"]+)\"").Select(match => match.Groups[1].Value)) Assert.Equal(HttpStatusCode.OK, await serving.StatusAsync(asset));

        var described = await serving.JsonAsync("scans/1/slide");
        Assert.Equal((600, 400), ((int)described["width"]!, (int)described["height"]!));
        using var tile = await serving.Http.GetAsync(new Uri(serving.Address, $"{described["tiles"]}/{(int)described["levels"]! - 1}/0_0.jpg"), Token);
        Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (tile.StatusCode, tile.Content.Headers.ContentType!.MediaType));
        Assert.Equal(2, (int)(await serving.JsonAsync("scans/1/objects/1"))["objects"]!);
        Assert.Equal("cell", (string?)(await serving.JsonAsync("scans/1/objects/1/1"))["properties"]!["annotation_type"]);
        Assert.Equal(HttpStatusCode.NotFound, await serving.StatusAsync("scans/1/objects/2"));
        Assert.Equal(0, await serving.StopAsync());
    }

    [Fact]
    public async Task Without_the_secret_there_is_nothing_and_another_host_name_is_refused()
    {
        await using var serving = await Serving.StartAsync(await SlideAsync());
        Assert.Equal("127.0.0.1", serving.Address.Host);
        foreach (var path in (string[])["/", "/live", "/scans/1/slide", $"/{new string('0', 32)}/", $"/{new string('0', 32)}/scans/1/slide"]) Assert.Equal(HttpStatusCode.NotFound, await serving.StatusAsync(path));
        Assert.Equal(HttpStatusCode.Forbidden, await serving.StatusAsync("", "attacker.example"));
        Assert.Equal(HttpStatusCode.OK, await serving.StatusAsync("", $"localhost:{serving.Address.Port}"));
    }

    [Fact]
    public async Task Several_slides_are_a_list()
    {
        string first = await SlideAsync(), second = folder.File("second.svs");
        File.Copy(first, second);
        await using var serving = await Serving.StartAsync(first, second);
        var html = await serving.Http.GetStringAsync(new Uri(serving.Address, "scans/2"), Token);
        Assert.Contains("/scans/1\">", html, StringComparison.Ordinal);
        Assert.Contains("/scans/2\" aria-current=\"page\">second.svs", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_classifier_runs_again_and_one_that_fails_shows_its_error()
    {
        var (slide, script, python) = (await SlideAsync(), folder.File("mine.py"), Python.Interpreter);
        string Script(int count) => "import slidebridge\n\n@slidebridge.classifier\ndef classify(task):\n    return {\"scanResults\": [{\"scanId\": \"1\", \"geojson\": {\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"properties\": {\"annotation_type\": \"cell\"}, \"geometry\": {\"type\": \"Point\", \"coordinates\": [i, 5]}, \"bbox\": [i, 5, i, 5]} for i in range("
            + count + ")]}}]}\n";
        await File.WriteAllTextAsync(script, Script(3), Token);
        await using var serving = await Serving.StartAsync(slide, "--classifier", $"python:{script}", "--watch", "--python", python);
        await serving.EventAsync(state => (int)state["result"]! == 1);
        Assert.Equal(3, (int)(await serving.JsonAsync("scans/1/objects/1"))["objects"]!);

        await File.WriteAllTextAsync(script, "import slidebridge\n\n@slidebridge.classifier\ndef classify(task):\n    raise ValueError('no nuclei')\n", Token);
        var failed = await serving.EventAsync(state => (bool)state["isFailed"]!);
        Assert.Contains("no nuclei", (string?)failed["text"], StringComparison.Ordinal);
        Assert.Equal(1, (int)failed["result"]!);
        Assert.Contains("no nuclei", serving.Error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(script, Script(50), Token);
        await serving.EventAsync(state => (int)state["result"]! == 2);
        Assert.Equal(50, (int)(await serving.JsonAsync("scans/1/objects/2"))["objects"]!);
        Assert.Equal(0, await serving.StopAsync());
    }

    [Theory]
    [InlineData("--watch needs a classifier: name it with --classifier.", "--watch")]
    [InlineData("Use either --results or --classifier: the page shows one result.", "--results", "r.json", "--classifier", "tissue")]
    [InlineData("--results: the file none.json does not exist.", "--results", "none.json")]
    [InlineData("--port must be a number from 0 to 65535; 70000 is not.", "--port", "70000")]
    public async Task Wrong_arguments_are_one_sentence(string sentence, params string[] arguments)
    {
        var (code, _, error) = await Ran.AsAsync(ViewCommand.Create(Bridge.CreateBuilder([])), ["slide.svs", .. arguments]).AsFailure();
        Assert.Equal((2, sentence), (code, error));
    }
}
