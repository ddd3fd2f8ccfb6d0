using System.Globalization;
using System.Text;
using Slidebridge.Comparison;
using Slidebridge.Objects;
using Slidebridge.Tests.Objects;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Comparison;

public sealed class ResultComparisonTests
{
    static readonly MatchingOptions Usual = new();

    static ScanComparison Compare(byte[] a, byte[] b, MatchingOptions? options = null) => ResultComparison.Sum(ResultComparison.Of(Read(a), Read(b), options ?? Usual, TestContext.Current.CancellationToken));

    static ComparedResult Read(byte[] json) => ComparedResult.Read(json, ["1"], out var problem) ?? throw new InvalidOperationException($"{problem}");

    static byte[] Points(params (double X, double Y)[] points) => Encoding.UTF8.GetBytes(
        "{\"scanResults\":[{\"scanId\":\"1\",\"workflow\":{\"model_name\":\"m\",\"provider\":\"p\",\"ruo\":true,\"report\":{\"type\":\"SemiQuantitativeDifferential\",\"scores\":{},\"points\":["
        + string.Join(',', points.Select(at => string.Create(CultureInfo.InvariantCulture, $"{{\"x\":{at.X},\"y\":{at.Y},\"score\":1,\"type\":\"cell\"}}"))) + "]}}}]}");

    static byte[] Features(params IEnumerable<string> features) => Result.OfFeatures(features);

    static string Point(double x, double y, string name = "cell") => string.Create(CultureInfo.InvariantCulture,
        $"{{\"type\":\"Feature\",\"bbox\":[{x},{y},{x},{y}],\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{x},{y}]}},\"properties\":{{\"annotation_type\":\"{name}\"}}}}");

    static byte[] Random(int seed, int count, double size)
    {
        var random = new Random(seed);
        return Features(Enumerable.Range(0, count).Select(_ =>
        {
            double x = random.NextDouble() * size, y = random.NextDouble() * size, radius = 3 + random.NextDouble() * 12;
            var corners = Enumerable.Range(0, 9).SelectMany(i => (double[])[Math.Round(x + radius * Math.Cos(i % 8 * Math.PI / 4), 2), Math.Round(y + radius * Math.Sin(i % 8 * Math.PI / 4), 2)]).ToArray();
            return random.Next(3) == 0 ? Point(corners[0], corners[1], random.Next(2) == 0 ? "cell" : "other") : Result.Feature("Polygon", $"[{Result.Ring(corners)}]", random.Next(2) == 0 ? "cell" : "other");
        }));
    }

    [Fact]
    public void The_difference_has_each_object_of_the_two_results_once_in_the_list_that_the_comparison_counts()
    {
        byte[] a = Random(1, 400, 300), b = Random(2, 500, 300);
        var counts = Compare(a, b).All;
        using var folder = new TemporaryFolder();
        var path = folder.File("difference");
        ObjectIndexWriter.Write(new ResultDifference(a, b, "1", Usual, TestContext.Current.CancellationToken).Read, (300, 300), path, TestContext.Current.CancellationToken);
        using var index = ObjectIndex.Open(path);

        var found = Enumerable.Range(0, index.Count).Select(id => index.NameOf(index.Row(id))).CountBy(name => name).ToDictionary();
        Assert.Equal((counts.Matched, counts.OnlyInA, counts.OnlyInB), (found[ResultDifference.InBoth], found[ResultDifference.OnlyInA], found[ResultDifference.OnlyInB]));
        Assert.InRange(counts.Matched, 20, 380);
        // An object that only B has is written in B.
        var last = ObjectDetail.SourceOf(index, index.Count - 1)!.Value;
        Assert.Contains("annotation_type", Encoding.UTF8.GetString(b.AsSpan(last.Offset, last.Length)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_boxes_that_overlap_by_half_have_the_IoU_of_a_third()
    {
        byte[] a = Features(Result.Box(0, 0, 10, 10)), b = Features(Result.Box(5, 0, 10, 10));
        var apart = Compare(a, b).All;
        Assert.Equal((1, 1, 0, 1, 1), (apart.A, apart.B, apart.Matched, apart.OnlyInA, apart.OnlyInB));
        Assert.Equal((100.0, 100.0, 50.0, 0.5), (apart.AreaOfA, apart.AreaOfB, apart.AreaShared, apart.Dice));
        Assert.Equal(1, Compare(a, b, new MatchingOptions(Iou: 1.0 / 3)).All.Matched);
        Assert.Equal(0, Compare(a, b, new MatchingOptions(Iou: 0.334)).All.Matched);
    }

    [Fact]
    public void Precision_recall_and_F1_are_those_of_the_definition()
    {
        var all = Compare(Features(Result.Box(0, 0, 10, 10), Result.Box(100, 0, 10, 10), Result.Box(200, 0, 10, 10), Result.Box(300, 0, 10, 10)), Features(Result.Box(1, 0, 10, 10), Result.Box(500, 0, 10, 10))).All;
        Assert.Equal((1L, 0.5, 0.25), (all.Matched, all.Precision!.Value, all.Recall!.Value));
        Assert.Equal(1.0 / 3, all.F1!.Value, 12);
    }

    [Fact]
    public void The_pair_with_the_highest_IoU_is_matched_first_and_each_object_once()
    {
        // The first of B overlaps both of A; the second of B only the first of A.
        var a = Features(Result.Box(0, 0, 10, 10), Result.Box(4, 0, 10, 10));
        var b = Features(Result.Box(3, 0, 10, 10), Result.Box(-3, 0, 10, 10));
        Assert.Equal(2, Compare(a, b).All.Matched);
        Assert.Equal(1, Compare(Features(Result.Box(0, 0, 10, 10)), Features(Result.Box(0, 0, 10, 10), Result.Box(0, 0, 10, 10))).All.Matched);
    }

    [Fact]
    public void A_hole_is_not_part_of_the_area()
    {
        var ring = Result.Feature("Polygon", $"[{Result.Ring(0, 0, 10, 0, 10, 10, 0, 10, 0, 0)},{Result.Ring(2, 2, 8, 2, 8, 8, 2, 8, 2, 2)}]");
        var all = Compare(Features(ring), Features(Result.Box(2, 2, 6, 6))).All;
        Assert.Equal((64.0, 36.0, 0.0, 0), (all.AreaOfA, all.AreaOfB, all.AreaShared, all.Matched));
    }

    [Fact]
    public void The_area_of_objects_that_overlap_counts_once()
    {
        var all = Compare(Features(Result.Box(0, 0, 10, 10), Result.Box(5, 0, 10, 10)), Features(Result.Box(0, 0, 15, 10))).All;
        Assert.Equal((150.0, 150.0, 1.0), (all.AreaOfA, all.AreaShared, all.Dice!.Value));
    }

    [Fact]
    public void A_triangle_has_half_of_its_boxs_area()
    {
        var all = Compare(Features(Result.Feature("Polygon", $"[{Result.Ring(0, 0, 100, 0, 0, 100, 0, 0)}]")), Features(Result.Box(0, 0, 100, 100))).All;
        Assert.Equal(5000, all.AreaShared, 5.0);
        Assert.Equal(2.0 / 3, all.Dice!.Value, 0.001);
        Assert.Equal(1, all.Matched);
    }

    [Fact]
    public void Points_match_the_nearest_within_the_distance()
    {
        byte[] a = Points((0, 0), (20, 0)), b = Points((12, 0), (-16, 0));
        Assert.Equal(1, Compare(a, b).All.Matched);
        Assert.Equal(2, Compare(a, b, new MatchingOptions(Within: 16)).All.Matched);
        Assert.Equal(0, Compare(a, b, new MatchingOptions(Within: 7.9)).All.Matched);
        Assert.Null(Compare(a, b).All.Dice);
    }

    [Fact]
    public void A_point_matches_a_polygon_by_its_centre_and_never_another_class()
    {
        var point = Point(106, 104);
        Assert.Equal(1, Compare(Features(point), Features(Result.Box(90, 90, 30, 30))).All.Matched);
        var other = Compare(Features(point), Features(Result.Box(90, 90, 30, 30, "other")));
        Assert.Equal((0, 2), (other.All.Matched, other.Classes.Count));
    }

    [Fact]
    public void A_scan_that_one_result_lacks_has_only_the_others_objects()
    {
        var all = Compare(Features(Result.Box(0, 0, 10, 10)), """{"scanResults":[]}"""u8.ToArray()).All;
        Assert.Equal((1, 0, 0, null), (all.A, all.B, all.Matched, all.Precision));
        Assert.Equal(0, all.Recall);
    }

    [Theory]
    [InlineData(1, 400, 400)]
    [InlineData(2, 2000, 2000)]
    [InlineData(3, 300, 60)]
    public void A_result_compared_with_itself_is_perfect(int seed, int count, double size)
    {
        var result = Random(seed, count, size);
        foreach (var each in Compare(result, result).Classes)
            Assert.Equal((1.0, 1.0, 1.0, 1.0), (each.Precision!.Value, each.Recall!.Value, each.F1!.Value, each.Dice!.Value));
    }

    [Theory]
    [InlineData(1, 400, 400)]
    [InlineData(4, 1000, 300)]
    [InlineData(5, 300, 60)]
    public void To_exchange_the_results_exchanges_precision_and_recall(int seed, int count, double size)
    {
        byte[] a = Random(seed, count, size), b = Random(seed + 100, count / 2, size);
        var (one, other) = (Compare(a, b, new MatchingOptions(0.2, 4)), Compare(b, a, new MatchingOptions(0.2, 4)));
        Assert.True(one.All.Matched > 0);
        foreach (var (each, back) in one.Classes.Zip(other.Classes))
            Assert.Equal((each.Name, each.Precision, each.Recall, each.F1, each.Dice), (back.Name, back.Recall, back.Precision, back.F1, back.Dice));
    }

    [Fact]
    public void A_hundred_thousand_objects_take_seconds()
    {
        var result = Random(6, 100_000, 20_000);
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(1.0, Compare(result, result).All.F1);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Objects_that_lie_on_one_spot_in_thousands_are_refused_in_a_sentence()
    {
        var crowded = Points([.. Enumerable.Range(0, 8000).Select(i => (i % 3 * 1.0, 0.0))]);
        Assert.Contains("on top of each other", Assert.Throws<ComparisonException>(() => Compare(crowded, crowded)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_ten_million_vertices_are_refused_in_a_sentence()
    {
        var ring = $"[{Result.Ring([.. Enumerable.Range(0, 100_001).SelectMany(i => (double[])[i % 2 * 5, i % 100_000])])}]";
        var feature = Result.Feature("MultiPolygon", "[" + string.Join(',', Enumerable.Repeat(ring, 101)) + "]");
        Assert.Equal("Scan 1 has more than 10000000 vertices, which is the most that can be compared.", Assert.Throws<ComparisonException>(() => ScanShapes.Read(Features(feature), "1", TestContext.Current.CancellationToken)).Message);
    }
}
