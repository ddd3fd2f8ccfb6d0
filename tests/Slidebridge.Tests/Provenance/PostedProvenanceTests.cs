using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Slidebridge.Provenance;
using Slidebridge.Sdk.Results;
using Slidebridge.Tests.Results;

namespace Slidebridge.Tests.Provenance;

/// <summary>What made a result, inserted into the result that is posted.</summary>
public sealed class PostedProvenanceTests
{
    static readonly ResultProvenance Record = new()
    {
        Bridge = new BridgeProvenance("1.2.3", "0123456789abcdef", ".NET", "linux-x64"),
        Classifier = new ClassifierProvenance("mitosis", "onnx", "4.5 \"final\"", [new FileProvenance("mitosis.onnx", 3, "ab12"), new FileProvenance("gone.data", 0, null)], Settings: new JsonObject { ["threshold"] = 0.5 }),
        Slides = [new SlideProvenance("7", "aperio-svs", 10, 20, 0.5, 0.5, 20, new Dictionary<string, string>(), [new ObjectProvenance(99, "\"etag\"")], [])],
        Worker = "node-1",
        Run = 1,
        AcceptedAt = DateTimeOffset.UnixEpoch,
        Result = new ResultHash(1, "cd34"),
    };

    static JsonObject Added(string scan)
    {
        var json = PostedProvenance.AddTo(Encoding.UTF8.GetBytes($$"""{ "caseResults": {"scanResults": [{"scanId":"7"}]}, "scanResults": [ {{scan}} ] }"""), Record);
        Assert.Empty(ResultsValidator.Validate(json, ["7"]));
        var whole = JsonNode.Parse(json)!;
        Assert.Equal("""{"scanResults":[{"scanId":"7"}]}""", whole["caseResults"]!.ToJsonString());
        return whole["scanResults"]![0]!.AsObject();
    }

    [Theory]
    [InlineData("""{"scanId":"7"}""")]
    [InlineData("""{"scanId":"7","results":null,"workflow":null}""")]
    [InlineData("""{"scanId":"7","results":{}}""")]
    [InlineData("""{"results" : { "a": [1, {"b": "}"}] } , "scanId" : "7" }""")]
    public void A_scan_gets_an_object_for_programs_and_rows_for_people(string scan)
    {
        var added = Added(scan);
        var own = added["results"]!["provenance"]!;
        Assert.Equal(("1.2.3", "ab12", "aperio-svs", "\"etag\""), ((string?)own["bridge"]!["version"], (string?)own["classifier"]!["files"]![0]!["sha256"], (string?)own["slide"]!["format"], (string?)own["slide"]!["objects"]![0]!["version"]));
        Assert.Null(own["worker"]);
        Assert.Null(own["classifier"]!["settings"]);
        var rows = added["workflow"]!["report"]!["results"]!.AsArray().ToDictionary(row => (string)row!["name"]!, row => (string)row!["result"]!);
        Assert.Equal(new() { ["Bridge"] = "Slidebridge 1.2.3 (0123456)", ["Classifier"] = "mitosis 4.5 \"final\" (onnx)", ["SHA-256 of mitosis.onnx"] = "ab12" }, rows);
    }

    [Fact]
    public void A_Basic_report_keeps_its_rows_and_another_report_is_not_touched()
    {
        var basic = Added("""{"scanId":"7","workflow":{"model_name":"m","provider":"p","ruo":false,"report":{"results":[ {"name":"Cells","result":"12"} ],"type":"Basic","segments":[]}}}""")["workflow"]!;
        Assert.Equal(["Cells", "Bridge", "Classifier", "SHA-256 of mitosis.onnx"], basic["report"]!["results"]!.AsArray().Select(row => (string)row!["name"]!));
        Assert.Equal(("m", false), ((string?)basic["model_name"], (bool)basic["ruo"]!));

        var counting = Added("""{"scanId":"7","workflow":{"model_name":"m","provider":"p","ruo":false,"report":{"type":"RegionCounting","objects":[],"regions":[]}}}""");
        Assert.Equal("""{"type":"RegionCounting","objects":[],"regions":[]}""", counting["workflow"]!["report"]!.ToJsonString());
        Assert.NotNull(counting["results"]!["provenance"]);
    }

    [Fact]
    public void A_classifiers_own_value_of_that_name_stays_and_does_not_replace_the_record()
    {
        var results = Added("""{"scanId":"7","results":{"provenance":"mine"}}""")["results"]!;
        Assert.Equal(("mine", "1.2.3"), ((string?)results["provenance"], (string?)results["slidebridgeProvenance"]!["bridge"]!["version"]));
        Assert.True(PostedProvenance.IsOwn("$.scanResults[12].results.slidebridgeProvenance.bridge"));
        Assert.False(PostedProvenance.IsOwn("$.scanResults[12].results.other.provenance"));
    }

    /// <summary>Any valid result stays valid, and without what was added it is the same.</summary>
    [Fact]
    public void Any_result_stays_valid_and_keeps_its_values() => PropertyTests.Valid.Sample(results =>
    {
        var ids = results.ScanResults.Select(scan => scan.ScanId).Distinct().ToList();
        var json = ResultsValidator.SerializeValid(results, ids);
        var added = PostedProvenance.AddTo(json, Record);
        Assert.Empty(ResultsValidator.Validate(added, ids));
        foreach (var (before, after) in JsonNode.Parse(json)!["scanResults"]!.AsArray().Zip(JsonNode.Parse(added)!["scanResults"]!.AsArray()))
        {
            foreach (var (name, value) in before!.AsObject())
            {
                if (name is "results" && value is JsonObject own)
                    foreach (var (key, inner) in own) Assert.True(JsonNode.DeepEquals(inner, after!["results"]![key]));
                else if (name is not ("results" or "workflow")) Assert.True(JsonNode.DeepEquals(value, after![name]), name);
            }
        }
    }, iter: 300, threads: 1);
}
