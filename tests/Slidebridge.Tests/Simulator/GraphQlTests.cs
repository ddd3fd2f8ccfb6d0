using Slidebridge.Simulator.Platform;

namespace Slidebridge.Tests.Simulation;

public sealed class GraphQlTests
{
    const string Path = "/api/graphql";

    const string Annotations = """
        "geojson": {"type": "FeatureCollection", "features": [
            {"type": "Feature", "bbox": [10, 20, 40, 60], "properties": {"annotation_type": "box", "confidence": 0.75},
             "geometry": {"type": "Point", "coordinates": [11, 22]}},
            {"type": "Feature", "properties": {"annotation_type": "outline", "confidence": "high"},
             "geometry": {"type": "Polygon", "coordinates": [[[5, 1], [9, 4], [7, 8], [5, 1]], [[6, 2], [7, 3], [6, 3], [6, 2]]]}},
            {"type": "Feature", "properties": {"annotation_type": "point"},
             "geometry": {"type": "Point", "coordinates": [11, 22]}}]}
        """;

    /// <summary>The box itself, the outline's box, and zero for what has neither.</summary>
    const string Boxes =
        """{"data":{"objects":[{"confidence":0.75,"height":40,"width":30,"x":10,"y":20},{"confidence":null,"height":7,"width":4,"x":5,"y":1},{"confidence":null,"height":0,"width":0,"x":0,"y":0}]}}""";

    [Fact]
    public async Task An_annotations_box_is_its_own_or_its_polygons_or_zero()
    {
        await using var platform = await StandIn.StartAsync();
        var (task, evaluation) = await AnnotatedAsync(platform);
        var answer = await platform.PostAsync(Path, Query($"sample_id: {task.Scans[0].Id}, filter: {{evaluation_id: {evaluation}}}"), task.Token);
        Assert.Equal((200, Boxes), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Ids_may_be_variables()
    {
        await using var platform = await StandIn.StartAsync();
        var (task, evaluation) = await AnnotatedAsync(platform);
        var scan = task.Scans[0].Id;
        foreach (var (arguments, variables) in new[]
        {
            ("sample_id: $scan, filter: {evaluation_id: $evaluation}", $$"""{"scan": {{scan}}, "evaluation": {{evaluation}}}"""),
            ("sample_id: $scan, filter: {evaluation_id: $evaluation}", $$"""{"scan": "{{scan}}", "evaluation": "{{evaluation}}"}"""),
            ("sample_id: $scan, filter: $filter", $$$"""{"scan": {{{scan}}}, "filter": {"evaluation_id": {{{evaluation}}}}}"""),
            ($"sample_id: \\\"{scan}\\\", filter: {{evaluation_id: \\\"{evaluation}\\\"}}", "null"),
        })
            Assert.Equal(Boxes, (await platform.PostAsync(Path, Query(arguments, variables), task.Token)).Text);
    }

    [Fact]
    public async Task Only_the_fields_that_are_asked_for_are_told()
    {
        await using var platform = await StandIn.StartAsync();
        var (task, evaluation) = await AnnotatedAsync(platform);
        var answer = await platform.PostAsync(Path, Query($"sample_id: {task.Scans[0].Id}, filter: {{evaluation_id: {evaluation}}}", fields: "x\\n  height"), task.Token);
        Assert.Equal("""{"data":{"objects":[{"x":10,"height":40},{"x":5,"height":7},{"x":0,"height":0}]}}""", answer.Text);
    }

    [Fact]
    public async Task What_there_is_not_has_no_objects()
    {
        await using var platform = await StandIn.StartAsync();
        var (task, evaluation) = await AnnotatedAsync(platform);
        await platform.PostResultsAsync(task);
        foreach (var arguments in new[]
        {
            $"sample_id: 1, filter: {{evaluation_id: {evaluation}}}",
            $"sample_id: {task.Scans[0].Id}, filter: {{evaluation_id: 99}}",
            $"sample_id: {task.Scans[0].Id}, filter: {{evaluation_id: {evaluation + 1}}}",
            "sample_id: $absent, filter: $absent",
        })
            Assert.Equal("""{"data":{"objects":[]}}""", (await platform.PostAsync(Path, Query(arguments), task.Token)).Text);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_told_not_even_that_there_is_nothing()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(401, (await platform.PostAsync(Path, Query("sample_id: 1, filter: {evaluation_id: 1}"))).Status);
        Assert.Equal(401, (await platform.PostAsync(Path, Query("sample_id: 1, filter: {evaluation_id: 1}"), "wrong")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"query\": 5}")]
    [InlineData("{\"query\": \"{ samples { id } }\"}")]
    [InlineData("{\"query\": \"{ objects(sample_id: 1) {x} }\"}")]
    [InlineData("{\"query\": \"{ objects(sample_id: 1, filter: {evaluation_id: 1}) }\"}")]
    [InlineData("{\"query\": \"{ objects(sample_id: 1, filter: {evaluation_id: 1}) {x z} }\"}")]
    public async Task Another_query_is_400(string body)
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(400, (await platform.PostAsync(Path, body, (await platform.TaskAsync()).Token)).Status);
    }

    [Fact]
    public async Task A_confidence_that_is_no_finite_number_is_null()
    {
        await using var platform = await StandIn.StartAsync();
        var (task, evaluation) = await AnnotatedAsync(platform, Annotations.Replace("0.75", "1e999", StringComparison.Ordinal));
        var answer = await platform.PostAsync(Path, Query($"sample_id: {task.Scans[0].Id}, filter: {{evaluation_id: {evaluation}}}", fields: "confidence"), task.Token);
        Assert.Equal("""{"data":{"objects":[{"confidence":null},{"confidence":null},{"confidence":null}]}}""", answer.Text);
    }

    static async Task<(SimulatedTask Task, long Evaluation)> AnnotatedAsync(StandIn platform, string members = Annotations)
    {
        var task = await platform.TaskAsync();
        Assert.Equal(201, (await platform.PostResultsAsync(task, StandIn.Results(task, members))).Status);
        return (task, platform.Simulator.State.Evaluations[0].Id);
    }

    static string Query(string arguments, string variables = "{}", string fields = "confidence height width x y") =>
        $$"""{"query": "query Boxes { objects({{arguments}}) { {{fields}} } }", "variables": {{variables}}}""";
}
