using System.Text.Json.Nodes;
using Slidebridge.Commands;
using Slidebridge.Tests.Simulation;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class ObjectsCommandTests
{
    const string Annotations = """
        "geojson": {"type": "FeatureCollection", "features": [
            {"type": "Feature", "bbox": [10, 20, 40, 60], "properties": {"annotation_type": "box", "confidence": 0.75}, "geometry": {"type": "Point", "coordinates": [11, 22]}},
            {"type": "Feature", "properties": {"annotation_type": "point"}, "geometry": {"type": "Point", "coordinates": [11, 22]}}]}
        """;

    static Task<Ran> RunAsync(StandIn platform, string scan, string evaluation, params string[] arguments) => Ran.AsAsync(ObjectsCommand.Create(), [
        "get", "--scan", scan, "--evaluation", evaluation, "--platform-url", platform.Simulator.Address.GetLeftPart(UriPartial.Authority), "--api-key-id", "local-id", "--api-key-secret", "local-secret", .. arguments]);

    static async Task<(StandIn Platform, string Scan, string Evaluation)> AnnotatedAsync()
    {
        var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        Assert.Equal(201, (await platform.PostResultsAsync(task, StandIn.Results(task, Annotations))).Status);
        var evaluations = JsonNode.Parse((await platform.EvaluationsAsync(task)).Text)!.AsArray();
        return (platform, task.Scans[0].Id, evaluations[0]!["id"]!.ToString());
    }

    [Fact]
    public async Task The_boxes_of_an_evaluation_are_told_as_JSON()
    {
        var (platform, scan, evaluation) = await AnnotatedAsync();
        await using var _ = platform;
        var (code, told, error) = await RunAsync(platform, scan, evaluation);
        Assert.True(code == 0, error);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[{"confidence":0.75,"x":10,"y":20,"width":30,"height":40},{"confidence":null,"x":0,"y":0,"width":0,"height":0}]"""), JsonNode.Parse(told)), told);
    }

    [Fact]
    public async Task They_are_written_as_GeoJSON_to_a_file()
    {
        var (platform, scan, evaluation) = await AnnotatedAsync();
        await using var _ = platform;
        using var folder = new TemporaryFolder();
        var (code, told, error) = await RunAsync(platform, scan, evaluation, "--geojson", "--out", folder.File("boxes.geojson"));
        Assert.True(code == 0, error);
        Assert.Empty(told);
        var features = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("boxes.geojson"), TestContext.Current.CancellationToken))!["features"]!.AsArray();
        Assert.Equal(["[[[10,20],[40,20],[40,60],[10,60],[10,20]]]", "[0,0]"], features.Select(f => f!["geometry"]!["coordinates"]!.ToJsonString()));
        Assert.Equal("""{"score":0.75}""", features[0]!["properties"]!["measurements"]!.ToJsonString());
    }

    [Fact]
    public async Task None_is_an_empty_list_and_a_word_on_the_error_stream()
    {
        await using var platform = await StandIn.StartAsync();
        var (code, told, error) = await RunAsync(platform, "1", "2");
        Assert.Equal((0, "[]\n"), (code, told));
        Assert.StartsWith("The evaluation has no objects on this scan", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_key_and_a_wrong_id_are_told()
    {
        await using var platform = await StandIn.StartAsync();
        var (code, _, error) = await RunAsync(platform, "1", "2", "--api-key-secret", "wrong");
        Assert.Equal((1, "slidebridge: The platform refused the API key (401): check --api-key-id and --api-key-secret.\n"), (code, error));
        (code, _, error) = await Ran.AsAsync(ObjectsCommand.Create(), ["get", "--scan", "1", "--evaluation", "2"]);
        Assert.Equal(2, code);
        Assert.StartsWith("slidebridge: No API key is set", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync(platform, "one", "2");
        Assert.Equal(2, code);
        Assert.StartsWith("slidebridge: --scan: 'one' is not an id", error, StringComparison.Ordinal);
    }
}
