using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Tests.Results;

/// <summary>What the platform takes and the bridge does not post.</summary>
public sealed class StrictnessTests
{
    const string Features = "/scanResults/0/geojson/features", Path = "$.scanResults[0].geojson.features";

    public static TheoryData<string, string, string?, string> Differences
    {
        get
        {
            var rows = new TheoryData<string, string, string?, string>
            {
                { "Annotations", "/scanResults/1/scanId", "\"4711\"", "$.scanResults[1].scanId" },
                { "Annotations", Features + "/0/bbox", "[148,200,100,260]", Path + "[0].bbox" },
                { "Annotations", Features + "/0/bbox", "[100,260,148,200]", Path + "[0].bbox" },
                { "Annotations", Features + "/2/properties/contour_colors", "[]", Path + "[2].properties.contour_colors" },
                { "Annotations", Features + "/2/properties/contour_colors", "[\"#000000\"]", Path + "[2].properties.contour_colors" },
                { "Annotations", Features + "/2/properties/contour_colors", "[\"#000000\",\"#000000\",\"#000000\"]", Path + "[2].properties.contour_colors" },
            };
            foreach (var color in new[] { "red", "#f00", "#ff000", "#gg0000", "ff00000", "#ff000080", "" }) rows.Add("Annotations", Features + "/2/properties/contour_colors/1", $"\"{color}\"", Path + "[2].properties.contour_colors[1]");
            foreach (var url in new[] { "5", "{}", "[\"https://example.org\"]", "false" }) rows.Add("Basic", "/scanResults/0/results/external_url", url, "$.scanResults[0].results.external_url");
            for (var feature = 2; feature <= 7; feature++)
            {
                rows.Add("Annotations", $"{Features}/{feature}/bbox", null, $"{Path}[{feature}].bbox");
                rows.Add("Annotations", $"{Features}/{feature}/bbox", "null", $"{Path}[{feature}].bbox");
            }
            return rows;
        }
    }

    [Theory, MemberData(nameof(Differences))]
    public void The_platform_takes_it_and_the_bridge_does_not_post_it(string example, string pointer, string? json, string path)
    {
        var changed = Example.Changed(example, pointer, json);
        Assert.Empty(ResultsValidator.Validate(changed, Example.Scans, ResultsStrictness.Platform));
        var problem = Assert.Single(ResultsValidator.Validate(changed, Example.Scans));
        Assert.Equal(path, problem.Path);
        Assert.NotEmpty(problem.Expected);
    }

    [Fact]
    public void A_member_twice_is_taken_by_the_platform_only()
    {
        var json = """{"scanResults":[{"scanId":"4711","results":{"cells":1,"cells":2}}]}"""u8.ToArray();
        Assert.Empty(ResultsValidator.Validate(json, Example.Scans, ResultsStrictness.Platform));
        var problem = Assert.Single(ResultsValidator.Validate(json, Example.Scans));
        Assert.Equal("$.scanResults[0].results.cells: found this key twice (the second at line 1, byte 55), expected each key of an object once", problem.ToString());
    }
}
