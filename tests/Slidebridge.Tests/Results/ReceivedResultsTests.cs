using System.Text;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Tests.Results;

/// <summary>Results of programs that write JSON in their own way: what would be posted is as the platform's schema has it.</summary>
public sealed class ReceivedResultsTests
{
    const string Scan = "/scanResults/0", Report = Scan + "/workflow/report";

    /// <summary>Example, where an empty list takes an object's place, and what is posted there.</summary>
    public static TheoryData<string, string, string> Empty => new()
    {
        { "Basic", "/caseResults", "{}" },
        { "Basic", "/caseResults/triage", "null" },
        { "Basic", Scan + "/results", "{}" },
        { "Basic", Scan + "/workflow", "null" },
        { "Annotations", Scan + "/geojson", "null" },
        { "WholeSlideDifferential", Report + "/scores", "{}" },
        { "AreaDifferential", Report + "/regions/0/region/properties", "{}" },
        { "RegionCounting", Report + "/regions/0/properties", "{}" },
        { "Basic", Report + "/segments/0/feature_collection/features/0/properties", "{}" },
        { "TumorCellularity", Report + "/threshold_map", "{}" },
        { "TumorCellularity", Report + "/threshold_map/usual/distributions", "{}" },
        { "TumorCellularity", Report + "/threshold_map/usual/region/properties", "{}" },
        { "TumorCellularity", Report + "/other_segments", "{}" },
    };

    [Theory, MemberData(nameof(Empty))]
    public void An_empty_list_in_the_place_of_an_object_is_posted_as_the_schema_has_it(string example, string pointer, string posted)
    {
        foreach (var list in (string[])["[]", "[ \n\t]"])
        {
            // A place that the example does not have is made by a mark that is then replaced.
            var received = Encoding.UTF8.GetString(Example.Changed(example, pointer, "\"HERE\""));
            Assert.Contains("\"HERE\"", received, StringComparison.Ordinal);
            var results = ResultsJson.ParseValid(Encoding.UTF8.GetBytes(received.Replace("\"HERE\"", list, StringComparison.Ordinal)), Example.Scans);
            Assert.Equal(received.Replace("\"HERE\"", posted, StringComparison.Ordinal).Trim(), Encoding.UTF8.GetString(ResultsValidator.SerializeValid(results, Example.Scans)));
        }
    }

    [Theory]
    [InlineData("""{"scanResults":[{"scanId":"4711","results":[1]}]}""", "$.scanResults[0].results")]
    [InlineData("""{"scanResults":[{"scanId":"4711","results":[[]]}]}""", "$.scanResults[0].results")]
    [InlineData("""{"scanResults":[[]]}""", "$.scanResults[0]")]
    [InlineData("[]", "$")]
    public void A_list_that_is_not_empty_or_stands_for_what_must_have_members_is_refused(string json, string path) =>
        Assert.Equal(path, Assert.Single(Assert.Throws<InvalidResultsException>(() => ResultsJson.ParseValid(Encoding.UTF8.GetBytes(json), Example.Scans)).Problems).Path);

    [Fact]
    public void Free_values_and_lists_stay_as_they_are()
    {
        const string Json = """{"caseResults":[],"scanResults":[{"scanId":"4711","results":{"cells":[],"more":{"scores":[]}},"qcFailReasons":[]},{"scanId":"4712","unknown":[]}]}""";
        var results = ResultsJson.ParseValid(Encoding.UTF8.GetBytes(Json), Example.Scans);
        Assert.Equal(Json.Replace("\"caseResults\":[]", "\"caseResults\":{}", StringComparison.Ordinal), Encoding.UTF8.GetString(ResultsValidator.SerializeValid(results, Example.Scans)));
        Assert.Empty(results.CaseResults!);
    }

    [Fact]
    public void In_any_encoding_of_Unicode_they_are_posted_as_UTF_8()
    {
        const string Json = """{"scanResults":[{"scanId":"4711","results":{"summary":"病理"}}]}""";
        foreach (var encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            byte[] received = [.. encoding.GetPreamble(), .. encoding.GetBytes(Json)];
            Assert.Equal(Json, Encoding.UTF8.GetString(ResultsValidator.SerializeValid(ResultsJson.ParseValid(received, Example.Scans), Example.Scans)));
            Assert.Empty(ResultsValidator.Validate(received, Example.Scans));
            Assert.Equal("病理", (string?)ResultsJson.Parse(received).ScanResults[0].Results!["summary"]);
        }
    }

    [Fact]
    public void A_key_that_is_there_twice_is_named_with_its_place_by_the_reader_too()
    {
        var told = Assert.ThrowsAny<System.Text.Json.JsonException>(() => ResultsJson.Parse("""{"scanResults":[{"scanId":"1","scanId":"2"}]}"""u8));
        Assert.Equal("the key 'scanId' is there twice ($.scanResults[0].scanId; the second at line 1, byte 31)", told.Message);
    }
}
