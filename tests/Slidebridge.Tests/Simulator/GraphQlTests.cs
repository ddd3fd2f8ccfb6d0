using System.Text.Json.Nodes;

namespace Slidebridge.Tests.Simulation;

public sealed class GraphQlTests
{
    const string Features = """
        "geojson": {"type": "FeatureCollection", "features": [
          {"type": "Feature", "bbox": [1, 2, 11, 22], "properties": {"annotation_type": "a", "confidence": 0.75}, "geometry": {"type": "Point", "coordinates": [5, 5]}},
          {"type": "Feature", "properties": {"annotation_type": "a"}, "geometry": {"type": "Polygon", "coordinates": [[[10, 20], [40, 20], [40, 60], [10, 20]]]}},
          {"type": "Feature", "properties": {"annotation_type": "a"}, "geometry": {"type": "Point", "coordinates": [7, 7]}}]}
        """;

    [Fact]
    public async Task Objects_are_the_stored_boxes_by_literals_and_by_variables()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        Assert.Equal(201, (await platform.PostResultsAsync(task, StandIn.Results(task, Features))).Status);
        var scan = task.Scans[0].Id;
        string[] queries =
        [
            new JsonObject { ["query"] = $"{{ objects(sample_id: {scan}, filter: {{evaluation_id: 1}}) {{ confidence height width x y }} }}" }.ToJsonString(),
            new JsonObject { ["query"] = "query Q($s: ID, $f: F) { objects(sample_id: $s, filter: $f) { x } }", ["variables"] = new JsonObject { ["s"] = scan, ["f"] = new JsonObject { ["evaluation_id"] = 1 } } }.ToJsonString(),
        ];
        foreach (var query in queries)
        {
            var answer = await platform.PostAsync("/api/graphql", query, task.Token);
            Assert.Equal(
                """[{"confidence":0.75,"height":20,"width":10,"x":1,"y":2},{"confidence":null,"height":40,"width":30,"x":10,"y":20},{"confidence":null,"height":0,"width":0,"x":0,"y":0}]""",
                answer.Json["data"]!["objects"]!.ToJsonString());
        }
        Assert.Equal(401, (await platform.PostAsync("/api/graphql", queries[0])).Status);
        Assert.Equal(400, (await platform.PostAsync("/api/graphql", """{"query":"{ cases { id } }"}""", task.Token)).Status);
        Assert.Equal(400, (await platform.PostAsync("/api/graphql", "[]", task.Token)).Status);
    }
}
