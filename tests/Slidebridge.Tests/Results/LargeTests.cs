using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Overlays;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Tests.Results;

/// <summary>Results too large for a document are validated from their text, and are posted as the bytes that were validated.</summary>
public sealed class LargeTests
{
    /// <summary>Spaces that make any list or object a large one.</summary>
    static readonly string Padding = new(' ', 70_000);

    [Fact]
    public void A_large_result_is_told_the_same_problems_as_a_small_one()
    {
        foreach (var (what, json) in SchemaTests.Samples())
        {
            var large = Padded(json);
            foreach (var strictness in Enum.GetValues<ResultsStrictness>())
            {
                var (small, same) = (Told(json, strictness), Told(large, strictness));
                Assert.True(small == same, $"{what}: {small}\n{same}");
            }
        }

        static string Told(string json, ResultsStrictness strictness) => string.Join('\n', ResultsValidator.Validate(Encoding.UTF8.GetBytes(json), Example.Scans, strictness));
    }

    [Fact]
    public void Many_features_are_each_looked_at_and_the_last_is_told_by_its_path()
    {
        const int Count = 5000;
        string Json(string last) => $$"""{"scanResults":[{"geojson":{"features":[{{string.Join(", ", Enumerable.Repeat(Box("\"a\""), Count))}},{{last}}],"type":"FeatureCollection"},"scanId":"4711"}]}""";
        Assert.Empty(ResultsValidator.Validate(Encoding.UTF8.GetBytes(Json(Box("\"b\""))), Example.Scans));
        var problem = Assert.Single(ResultsValidator.Validate(Encoding.UTF8.GetBytes(Json(Box("5"))), Example.Scans));
        Assert.Equal($"$.scanResults[0].geojson.features[{Count}].properties.annotation_type", problem.Path);
        problem = Assert.Single(ResultsValidator.Validate(Encoding.UTF8.GetBytes(Json("""{"type":"Feature","type":"Feature"}""")), Example.Scans));
        Assert.Equal($"$.scanResults[0].geojson.features[{Count}].type", problem.Path);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void A_member_twice_is_found_among_many_however_it_is_escaped(int count)
    {
        string Json(string more) => """{"scanResults":[{"scanId":"4711","results":{""" + string.Concat(Enumerable.Range(0, count).Select(i => $"\"n{i}\":{i},")) + more + "}}]}";
        Assert.Empty(ResultsValidator.Validate(Encoding.UTF8.GetBytes(Json("\"m\":{\"n1\":1}")), Example.Scans));
        foreach (var twice in new[] { "\"n1\":1", "\"n\\u0031\":1", "\"\\u006e1\":1" })
            Assert.Equal("$.scanResults[0].results.n1", Assert.Single(ResultsValidator.Validate(Encoding.UTF8.GetBytes(Json(twice)), Example.Scans)).Path);
        Assert.Empty(ResultsValidator.Validate(Encoding.UTF8.GetBytes(Json("\"n1\":1")), Example.Scans, ResultsStrictness.Platform));
    }

    [Theory]
    [InlineData("\"\\ud83d\\ude00\"", true)]
    [InlineData("\"\\\\ud83d\"", true)]
    [InlineData("\"\\n\\u00e9\\\"\"", true)]
    [InlineData("\"\\ud83d\"", false)]
    [InlineData("\"\\ud83d \\ude00\"", false)]
    [InlineData("\"\\ude00\\ud83d\"", false)]
    [InlineData("\"\\ud83d\\ud83d\\ude00\"", false)]
    public void A_text_where_no_rule_looks_is_unicode_too(string text, bool isUnicode)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"scanResults":[{"scanId":"4711","unknown":{{text}}}]}""");
        Assert.Equal(isUnicode ? [] : ["$"], ResultsValidator.Validate(json, Example.Scans).Select(p => p.Path));
        Assert.Empty(ResultsValidator.Validate(json, Example.Scans, ResultsStrictness.Platform));
    }

    [Fact]
    public void What_is_posted_is_the_bytes_that_were_validated_without_white_space_around_them()
    {
        foreach (var name in Example.Names)
        {
            var json = Example.Read(name).AsSpan().Trim(" \r\n\t"u8).ToArray();
            Assert.Same(json, ResultsValidator.SerializeValid(ResultsJson.ParseValid(json, Example.Scans), Example.Scans));
            byte[] spaced = [.. " \n"u8, .. json, .. "\n \t\r\n"u8];
            Assert.Equal(json, ResultsValidator.SerializeValid(ResultsJson.ParseValid(spaced, Example.Scans), Example.Scans));
        }
    }

    [Fact]
    public void Values_that_were_read_are_posted_as_they_are_then()
    {
        var results = ResultsJson.ParseValid("""{"scanResults":[{"scanId":"4711","results":{"cells":1}}]}"""u8.ToArray(), Example.Scans);
        results.ScanResults[0].Results!["cells"] = 2;
        Assert.Equal("""{"scanResults":[{"scanId":"4711","results":{"cells":2}}]}""", Encoding.UTF8.GetString(ResultsValidator.SerializeValid(results, Example.Scans)));
        results.ScanResults[0].Results!["summary"] = 3;
        Assert.Throws<InvalidResultsException>(() => ResultsValidator.SerializeValid(results, Example.Scans));
    }

    [Fact]
    public void A_changed_copy_is_posted_as_the_copy()
    {
        var results = ResultsJson.ParseValid("""{"scanResults":[{"scanId":"4711"}]}"""u8.ToArray(), Example.Scans) with { CaseResults = new JsonObject { ["cells"] = 1 } };
        Assert.Equal("""{"caseResults":{"cells":1},"scanResults":[{"scanId":"4711"}]}""", Encoding.UTF8.GetString(ResultsValidator.SerializeValid(results, Example.Scans)));
    }

    [Fact]
    public void What_is_valid_for_other_scans_is_checked_again() =>
        Assert.Throws<InvalidResultsException>(() => ResultsValidator.SerializeValid(ResultsJson.ParseValid("""{"scanResults":[{"scanId":"4711"}]}"""u8.ToArray(), ["4711"]), ["4712"]));

    [Fact]
    public void The_shapes_of_a_saved_result_are_those_of_its_values()
    {
        foreach (var name in Example.Names)
        {
            foreach (var json in new[] { Example.Read(name), Encoding.UTF8.GetBytes(Padded(Encoding.UTF8.GetString(Example.Read(name)))) })
            {
                foreach (var scan in Example.Scans)
                {
                    var expected = ResultsJson.Parse(json).ScanResults.FirstOrDefault(r => r.ScanId == scan)?.Shapes() ?? Enumerable.Empty<FoundShape>();
                    Assert.Equal(expected.Select(Text), SavedShapes.Of(json, scan).Select(Text));
                }
            }
        }

        static string Text(FoundShape shape) => $"{shape.Type} {shape.Color} {shape.Score} {shape.IsCounted} {string.Join(' ', shape.Geometry.Positions)}";
    }

    static string Box(string type) => $$"""{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,2],[3,2],[3,4],[1,4],[1,2]]]},"properties":{"annotation_type":{{type}}},"bbox":[1,2,3,4]}""";

    /// <summary>The same JSON, in which each innermost list and object is large, and so every one around them.</summary>
    static string Padded(string json)
    {
        var text = Encoding.UTF8.GetBytes(json);
        var innermost = new List<int>();
        var opened = -1;
        for (var reader = new Utf8JsonReader(text); reader.Read();)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) opened = (int)reader.BytesConsumed;
            if (reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject)) continue;
            if (opened >= 0) innermost.Add(opened);
            opened = -1;
        }
        var padded = new StringBuilder();
        var from = 0;
        foreach (var at in innermost)
        {
            padded.Append(Encoding.UTF8.GetString(text[from..at])).Append(Padding);
            from = at;
        }
        return padded.Append(Encoding.UTF8.GetString(text[from..])).ToString();
    }
}
