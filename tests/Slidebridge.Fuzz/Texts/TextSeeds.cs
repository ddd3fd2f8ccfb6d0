using System.Text;
using Slidebridge.Fuzz.Seeds;

namespace Slidebridge.Fuzz.Texts;

/// <summary>Texts that come from outside: webhooks, results, the lines of programs, model files.</summary>
static class TextSeeds
{
    public static void AddTo(SeedCollection seeds)
    {
        Add(seeds, "webhook-full", """
            {"company_id":"12","scans":{"8061860":"https://store.example/files_uuid/1414.8061860?X-Amz-Date=20261124T120000Z&X-Amz-Expires=3600&X-Amz-Signature=aa"},
             "scan_urls":{"8061860":["https://store.example/files_uuid/1414.8061860?X-Amz-Date=20261124T120000Z&X-Amz-Expires=3600&X-Amz-Signature=aa","https://store.example/b?sig=x&se=2026-11-24T12:00:00Z"]},
             "stains":{"8061860":{"value":"Ki-67","stain_code":"KI67","label":"proliferation"}},"task_id":"dGFzazoxODU3MTQ=","case_id":"aHVtYW5DYXNlOjQy",
             "model_name":"mitosis","jwt_token":"eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTU3NTI2MTV9.c2ln","new_field":{"x":[1,2.5e3,null,true,"\u0026\ud83d\ude00"]}}
            """);
        Add(seeds, "webhook-plain", """{"task_id":185714,"scans":{"1":"http://127.0.0.1:9000/slides/a"},"token":"a.b.c","model_id":7,"case_id":null,"stains":{}}""");
        Add(seeds, "webhook-many", "{\"task_id\":\"task:5\",\"scans\":{" + string.Join(',', Enumerable.Range(1, 60).Select(i => $"\"{i}\":\"https://h/{i}?Signature=s&Expires=1795752615\"")) + "}}");
        foreach (var (name, report) in Reports) Add(seeds, "results-" + name, Results(report));
        Add(seeds, "lines-conversation", string.Join('\n',
            """{"type":"ready","protocol":1,"name":"mitosis"}""",
            """{"type":"heartbeat"}""",
            """{"type":"log","level":"info","message":"one\u001b[31m line"}""",
            """{"type":"progress","scanId":"1","fraction":0.25}""",
            """{"type":"tiles","id":1,"scanId":"1","level":0,"width":256,"height":256,"mpp":0.5}""",
            """{"type":"error","taskId":5,"message":"it cannot","mayPass":true}""",
            "{\"type\":\"result\",\"taskId\":5,\"results\":" + Results(Reports[0].Report).ReplaceLineEndings("") + "}", ""));
        Add(seeds, "lines-result-first", "{\"taskId\":5,\"results\":" + Results(Reports[1].Report).ReplaceLineEndings("") + ",\"type\":\"result\"}\n{\"type\":\"heartbeat\"}\n");
        foreach (var file in Directory.GetFiles(Path.Combine(Tests.Support.Repository.Root, "examples"), "*.yaml", SearchOption.AllDirectories).Where(f => !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            seeds.Add($"model-{Path.GetFileName(Path.GetDirectoryName(file))}-{Path.GetFileNameWithoutExtension(file)}", File.ReadAllBytes(file));
    }

    static void Add(SeedCollection seeds, string name, string text) => seeds.Add(name, Encoding.UTF8.GetBytes(text));

    static string Results(string report) => $$$"""
        {"caseResults":{"count":4,"triage":{"category":"high","score":0.75}},"scanResults":[{"scanId":"1","results":{"summary":"four","external_url":"https://h/x","free":[1,{"a":null}]},
         "geojson":{"type":"FeatureCollection","features":[{"type":"Feature","bbox":[0,0,10,10],"properties":{"annotation_type":"tumour","name":"a"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}},
          {"type":"Feature","bbox":[0,0,1,1],"properties":{"annotation_type":"heat","contour_colors":["#ff0000"]},"geometry":{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]}}]},
         "qcFailReasons":["blurred"],"workflow":{"model_name":"m","provider":"p","ruo":true,"report":{{{report}}}}}]}
        """;

    static readonly (string Name, string Report)[] Reports =
    [
        ("basic", """{"type":"Basic","results":[{"name":"grade","result":"2"}],"segments":[{"name":"s","result":"1","feature_collection":{"type":"FeatureCollection","features":[]}}]}"""),
        ("differential", """{"type":"WholeSlideDifferential","points":[{"x":1,"y":2,"score":0.5,"type":"pos"}],"scores":{"pos":0.5},"positivity_threshold":0.1}"""),
        ("cellularity", """{"type":"TumorCellularity","threshold_map":{"t":{"tumor_cellularity":0.4,"counts":[{"label":"a","count":3}],"region":{"type":"Feature","properties":{"annotation_type":"r"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},"area":4.5,"distributions":null}},"other_segments":null}"""),
    ];
}
