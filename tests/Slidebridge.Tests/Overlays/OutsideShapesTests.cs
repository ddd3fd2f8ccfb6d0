using Slidebridge.Overlays;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Tests.Overlays;

public sealed class OutsideShapesTests
{
    /// <summary>A slide of 1000 × 500 pixels.</summary>
    static string? CodeOf(Action<ScanResultBuilder> found)
    {
        var results = new ResultsBuilder();
        found(results.Scan("1"));
        return OutsideShapes.Find(ResultsJson.Serialize(results.Build()), "1", 1000, 500)?.Code;
    }

    [Theory]
    [InlineData(0, 0, 1000, 500)]
    [InlineData(-200, -200, 1400, 900)]
    [InlineData(900, 400, 300, 300)]
    [InlineData(1000, 500, 5, 5)]
    public void A_box_that_touches_the_slide_or_hangs_over_its_edge_is_no_reason_for_a_warning(int x, int y, int width, int height) =>
        Assert.Null(CodeOf(scan => scan.Box(x, y, width, height, "a")));

    [Theory]
    [InlineData(1001, 10, 5, 5)]
    [InlineData(10, 501, 5, 5)]
    [InlineData(-30, 10, 20, 20)]
    [InlineData(10, 10, 5000, 20)]
    public void A_box_beside_the_slide_or_many_times_its_size_is_warned_of(int x, int y, int width, int height) =>
        Assert.Equal(OutsideShapes.Code, CodeOf(scan => scan.Box(x, y, width, height, "a")));
}
