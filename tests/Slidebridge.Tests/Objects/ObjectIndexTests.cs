using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Objects;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Objects;

public sealed class ObjectIndexTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void At_full_resolution_an_outline_is_where_the_result_says()
    {
        using var index = Result.Index(folder, Result.OfFeatures(Result.Box(1000.25, 2000.5, 100, 60.75)));
        (double, double)[] expected = [(1000.25, 2000.5), (1100.25, 2000.5), (1100.25, 2061.25), (1000.25, 2061.25), (1000.25, 2000.5)];
        Assert.Equal(expected, index.Vertices(0, 0, 1, 3));
        // It reaches the next column.
        Assert.Equal(expected.Length, index.Vertices(0, 0, 2, 3).Length);
    }

    [Fact]
    public void Every_level_shows_every_object_once()
    {
        var random = new Random(1);
        using var index = Result.Index(folder, Result.OfFeatures(Enumerable.Range(0, 3000).Select(i => i % 5 == 0
            ? Result.Feature("Point", $"[{random.Next(10_000)},{random.Next(10_000)}]")
            : Result.Box(random.Next(9_900), random.Next(9_900), random.Next(3, 90), random.Next(3, 90)))));
        for (var level = 0; level < index.Levels; level++)
        {
            var (drawn, counted) = index.Of(level);
            Assert.Equal(3000, drawn.Count + counted);
        }
        Assert.Equal(3000, index.Of(0).Drawn.Count);
        Assert.Equal(0, index.Of(index.Levels - 1).Drawn.Count(id => index.Row(id).Kind != ShapeKind.Point && index.Row(id).Extent < 64));
    }

    [Fact]
    public void A_large_object_is_cut_to_the_tiles_that_it_reaches()
    {
        using var index = Result.Index(folder, Result.OfFeatures(Result.Box(100, 100, 9000, 9000)));
        var inside = index.Vertices(0, 0, 8, 8);
        // Only the corners of the tile with its margin.
        Assert.Equal(5, inside.Length);
        Assert.All(inside, at => Assert.True(at.X is 8 * 512 - 8 or 9 * 512 + 8 && at.Y is 8 * 512 - 8 or 9 * 512 + 8));
        Assert.Equal(18 * 18, index.Tiles(0).Count());
    }

    [Fact]
    public void A_million_points_at_one_place_make_no_large_tile()
    {
        var points = string.Join(',', Enumerable.Repeat("""{"x":5,"y":6,"score":0.5,"type":"a"},{"x":7,"y":8,"score":0.25,"type":"b"}""", 500_000));
        using var index = Result.Index(folder, Result.OfReport("""{"type":"WholeSlideDifferential","scores":{},"positivity_threshold":0.5,"points":[""" + points + "]}"));
        Assert.Equal(1_000_000, index.Of(0).Counted);
        Assert.Equal(1_000_000, index.Of(index.Levels - 1).Counted);
        Assert.All(Enumerable.Range(0, index.Levels).SelectMany(index.Tiles), tile => Assert.InRange(tile.Bytes.Length, 1, 1000));
        Assert.Contains("\"cause\":\"crowded\",\"count\":1000000", index.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_different_objects_in_one_place_make_no_large_tile()
    {
        var random = new Random(2);
        var boxes = Enumerable.Range(0, 20_000).Select(i => Result.Box(random.Next(450), random.Next(450), 20 + random.NextDouble(), 30, $"class {i % 300}", $",\"score\":{(i % 100).ToString(CultureInfo.InvariantCulture)}"));
        using var index = Result.Index(folder, Result.OfFeatures(boxes));
        Assert.All(Enumerable.Range(0, index.Levels).SelectMany(index.Tiles), tile => Assert.InRange(tile.Bytes.Length, 1, TileFormat.MostBytes));
        var (drawn, counted) = index.Of(0);
        Assert.InRange(drawn.Count, 1000, 20_000);
        Assert.InRange(drawn.Count + counted, 20_000, 20_000);
    }

    [Fact]
    public void A_ring_of_two_million_vertices_makes_no_large_tile()
    {
        var text = new StringBuilder("[[");
        for (var i = 0; i <= 2_000_000; i++) text.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}[{i % 2_000_000 / 250},{(i & 1) * 400}]");
        using var index = Result.Index(folder, Result.OfFeatures(Result.Feature("Polygon", text.Append("]]").ToString())));
        var largest = Enumerable.Range(0, index.Levels).SelectMany(index.Tiles).Max(tile => tile.Bytes.Length);
        Assert.InRange(largest, 1000, TileFormat.MostBytes);
        Assert.All(Enumerable.Range(0, index.Levels), level => Assert.Equal([0u], index.Of(level).Drawn));
    }

    [Fact]
    public void More_vertices_than_are_kept_are_thinned_and_this_is_said()
    {
        var shape = new ShapeBuffer();
        shape.Clear(ShapeKind.Polygon);
        for (var i = 0; i < 3 * ShapeBuffer.MostVertices; i++) shape.Add(i / 1000.0, i & 1);
        shape.EndRing(isHole: false);
        Assert.True(shape.WasThinned);
        Assert.InRange(shape.VertexCount, 1000, ShapeBuffer.MostVertices);
        Assert.Equal([shape.VertexCount], shape.RingEnds.ToArray());
        Assert.Equal(3L * ShapeBuffer.MostVertices, shape.VerticesRead);
    }

    [Fact]
    public void A_ring_that_crosses_itself_is_kept_as_it_is_and_filled_by_the_even_odd_rule()
    {
        using var index = Result.Index(folder, Result.OfFeatures(Result.Feature("Polygon", $"[{Result.Ring(0, 0, 100, 100, 100, 0, 0, 100, 0, 0)}]")));
        Assert.Equal(5, index.Vertices(0, 0, 0, 0).Length);
        Assert.Single(ObjectsAt.Find(index, 90, 50, 0, Token).Objects);
        Assert.Empty(ObjectsAt.Find(index, 50, 90, 1, Token).Objects);
    }

    [Fact]
    public void Outlines_that_cross_themselves_are_counted_and_those_that_were_not_tested_too()
    {
        static string Polygon(params double[] xy) => Result.Feature("Polygon", $"[{Result.Ring(xy)}]");
        static double[] Around(int vertices, Func<int, double> radius) => [.. Enumerable.Range(0, vertices + 1).SelectMany(i => (double[])[
            500 + radius(i % vertices) * Math.Cos(2 * Math.PI * (i % vertices) / vertices), 500 + radius(i % vertices) * Math.Sin(2 * Math.PI * (i % vertices) / vertices)])];
        string[] simple = [
            Result.Box(0, 0, 10, 10), Polygon(0, 0, 100, 0, 100, 100, 80, 100, 80, 20, 20, 20, 20, 100, 0, 100, 0, 0), Polygon(Around(500, i => i % 2 == 0 ? 100 : 400)),
            // The ring touches itself in one position, and goes back on its own edge.
            Polygon(0, 0, 50, 50, 100, 0, 100, 100, 50, 50, 0, 100, 0, 0), Polygon(0, 0, 10, 0, 20, 0, 10, 0, 10, 10, 0, 0)];
        // A bow tie, a star with five points that is drawn in one go, and a long outline with one twist.
        string[] crossing = [
            Polygon(0, 0, 100, 100, 100, 0, 0, 100, 0, 0), Polygon([.. Enumerable.Range(0, 6).SelectMany(i => (double[])[50 + 40 * Math.Sin(4 * Math.PI * i / 5), 50 - 40 * Math.Cos(4 * Math.PI * i / 5)])]),
            Polygon([.. Around(500, _ => 300)[..400], 100, 100, 900, 100, .. Around(500, _ => 300)[400..]])];
        using var index = Result.Index(folder, Result.OfFeatures([.. simple, .. crossing, Polygon([.. Enumerable.Range(0, RingCrossing.MostVertices + 1).SelectMany(i => (double[])[i * 0.5, i % 2 == 0 ? 100 : 300]), 500, 900, 0, 100])]));

        var left = JsonNode.Parse(index.Summary.Span)!["leftOut"]!.AsArray().ToDictionary(each => (string)each!["cause"]!, each => (int)each!["count"]!);
        Assert.Equal(new Dictionary<string, int> { ["crossing"] = 3, ["not-tested"] = 1 }, left);
        Assert.Equal([5, 6, 7], Enumerable.Range(0, index.Count).Where(id => index.Row(id).Traits.HasFlag(ObjectTraits.Crossing)));
    }

    [Fact]
    public void What_cannot_be_drawn_is_said()
    {
        using var index = Result.Index(folder, Result.OfFeatures(
            Result.Box(-500, 10, 100, 100), Result.Box(9_950, 10, 100, 100), Result.Feature("Point", "[1e300,-1e999]"), Result.Feature("Point", "[NaN,1]".Replace("NaN", "5", StringComparison.Ordinal), name: null),
            Result.Feature("Polygon", "[]"), Result.Feature("Point", "[1,1]", " "), Result.Feature("LineString", "[[1,1],[2e9,1]]"), Result.Feature("Point", "[1,1]", more: ",\"score\":1e300")), 10_000, 10_000);
        var left = JsonNode.Parse(index.Summary.Span)!["leftOut"]!.AsArray().ToDictionary(each => (string)each!["cause"]!, each => (int)each!["count"]!);
        Assert.Equal(new Dictionary<string, int> { ["empty"] = 1, ["outside"] = 2, ["partly-outside"] = 2, ["moved"] = 2, ["no-class"] = 2, ["score-out-of-range"] = 1 }, left);
        Assert.Equal(7, index.Count);
        Assert.Equal([1u, 3u, 4u, 5u, 6u], index.Of(0).Drawn.Order());
    }

    [Fact]
    public void A_slide_of_unknown_size_is_as_large_as_its_objects()
    {
        using var index = Result.Index(folder, Result.OfFeatures(Result.Box(5000, 100, 1000, 50)), slide: null);
        Assert.Contains("\"width\":6001,\"height\":151", index.Summary(), StringComparison.Ordinal);
        Assert.Equal([0u], index.Of(0).Drawn);
    }

    [Fact]
    public void Without_objects_there_is_an_empty_index()
    {
        using var index = Result.Index(folder, """{"scanResults":[{"scanId":"2"}]}"""u8.ToArray());
        Assert.Equal(0, index.Count);
        Assert.Null(index.Tile(0, 0, 0));
        Assert.Empty(ObjectPage.Read(index, new ObjectQuery(), Token).Objects);
        Assert.Empty(ObjectsAt.Find(index, 1, 1, 1, Token).Objects);
    }

    [Fact]
    public void Of_a_hundred_thousand_classes_the_most_frequent_are_listed()
    {
        var points = string.Join(',', Enumerable.Range(0, 100_000).Select(i => $$"""{"x":{{i % 1000}},"y":{{i / 1000}},"score":1,"type":"{{(i % 2 == 0 ? "frequent" : i)}}"}"""));
        using var index = Result.Index(folder, Result.OfReport("""{"type":"SemiQuantitativeDifferential","scores":{},"points":[""" + points + "]}"));
        var classes = JsonNode.Parse(index.Summary.Span)!["classes"]!.AsArray();
        Assert.Equal(ClassNames.MostListed + 1, classes.Count);
        Assert.Equal(50_000, (int)classes[0]!["count"]!);
        Assert.Equal(50_000 - ClassNames.MostListed + 1, (int)classes[^1]!["count"]!);
        Assert.Equal("99", index.NameOf(index.Row(99)));
    }

    [Fact]
    public void The_colours_of_a_heatmap_are_in_its_tiles()
    {
        var feature = """{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[0,0],[100,0],[100,100],[0,0]]]},{"type":"Polygon","coordinates":[[[0,0],[50,0],[50,50],[0,0]]]}]},"properties":{"annotation_type":"heat","contour_colors":["#ff0000","#00ff00"]}}""";
        using var index = Result.Index(folder, Result.OfFeatures(feature));
        var tile = new TileView(index.Tile(0, 0, 0)!);
        Assert.Equal([0xffff0000, 0xff00ff00], tile.Colors.ToArray());
        Assert.Contains("\"colored\":2", index.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_off_or_foreign_is_refused()
    {
        var path = Path.Combine(folder.Path, "index");
        ObjectIndexWriter.Write(Result.OfFeatures(Result.Box(1, 1, 50, 50)), "1", (1000, 1000), path, Token);
        var bytes = File.ReadAllBytes(path);
        foreach (var length in new[] { 0, 5, IndexHeader.Size, bytes.Length / 2, bytes.Length - 1 })
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<ObjectIndexException>(() => ObjectIndex.Open(path));
        }
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(new string('x', 5000)));
        Assert.Throws<ObjectIndexException>(() => ObjectIndex.Open(path));
        bytes[20]++;
        File.WriteAllBytes(path, bytes);
        Assert.Throws<ObjectIndexException>(() => ObjectIndex.Open(path));
    }

    [Fact]
    public void Bytes_that_changed_are_an_error_and_not_a_crash()
    {
        var path = Path.Combine(folder.Path, "index");
        ObjectIndexWriter.Write(Result.OfFeatures(Result.Box(1, 1, 50, 50), Result.Feature("Point", "[700,3]", more: ",\"score\":2")), "1", (1000, 1000), path, Token);
        var bytes = File.ReadAllBytes(path);
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            var changed = bytes.ToArray();
            changed[random.Next(IndexHeader.Size, changed.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, changed);
            try
            {
                using var index = ObjectIndex.Open(path);
                _ = ObjectsAt.Find(index, 20, 20, 5, Token);
                _ = ObjectPage.Read(index, new ObjectQuery(Order: ObjectOrder.Score), Token);
            }
            catch (ObjectIndexException)
            {
            }
        }
    }

    [Fact]
    public void A_cancelled_index_leaves_no_temporary_file()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var path = Path.Combine(folder.Path, "index");
        Assert.ThrowsAny<OperationCanceledException>(() => ObjectIndexWriter.Write(Result.OfFeatures(Result.Box(1, 1, 50, 50)), "1", null, path, cancelled.Token));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }
}
