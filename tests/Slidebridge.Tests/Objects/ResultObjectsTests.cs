using System.Text;
using System.Text.RegularExpressions;
using Slidebridge.Objects;
using Slidebridge.Overlays;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Tests.Results;

namespace Slidebridge.Tests.Objects;

public sealed class ResultObjectsTests
{
    sealed class Listed : IObjectReceiver
    {
        public List<string> Texts { get; } = [];

        public void Receive(in FoundObject found)
        {
            var text = new StringBuilder().Append(Encoding.UTF8.GetString(found.ClassName)).Append(null, $" {found.Score} {found.IsCounted}");
            for (var i = 0; i < found.Shape.Vertices.Length; i += 2) text.Append(null, $" {found.Shape.Vertices[i]},{found.Shape.Vertices[i + 1]}");
            Texts.Add(text.ToString());
        }
    }

    static List<string> Read(byte[] json, string scan)
    {
        var listed = new Listed();
        new ResultObjects(listed).Read(json, scan);
        return listed.Texts;
    }

    [Fact]
    public void The_objects_of_every_example_are_its_shapes()
    {
        var objects = 0;
        foreach (var name in Example.Names)
        {
            foreach (var scan in Example.Scans)
            {
                var (expected, read) = (SavedShapes.Of(Example.Read(name), scan).ToList(), Read(Example.Read(name), scan));
                Assert.Equal(expected.Count, read.Count);
                // Shapes do not look for an annotation's score among its free properties.
                foreach (var (shape, text) in expected.Zip(read)) Assert.Matches($"^{Regex.Escape(shape.Type)} {(shape.Score is null ? ".*" : shape.Score)} {shape.IsCounted}{Positions(shape)}$", text);
                objects += read.Count;
            }
        }
        Assert.InRange(objects, 10, int.MaxValue);

        static string Positions(FoundShape shape) => string.Concat(shape.Geometry.Positions.Select(p => $" {Math.Round(p.X * ShapeBuffer.Parts)},{Math.Round(p.Y * ShapeBuffer.Parts)}"));
    }

    [Theory]
    [InlineData("Point", "[1,2]", "16,32")]
    [InlineData("MultiPoint", "[[1,2],[3,4]]", "16,32 48,64")]
    [InlineData("LineString", "[[1,2],[3,4.5]]", "16,32 48,72")]
    [InlineData("MultiLineString", "[[[1,2],[3,4]],[[5,6],[7,8]]]", "16,32 48,64 80,96 112,128")]
    [InlineData("Polygon", "[[[0,0],[1,0],[1,1],[0,0]]]", "0,0 16,0 16,16 0,0")]
    [InlineData("MultiPolygon", "[[[[0,0],[1,0],[1,1],[0,0]]],[[[2,2],[3,2],[3,3],[2,2]]]]", "0,0 16,0 16,16 0,0 32,32 48,32 48,48 32,32")]
    public void Every_geometry_is_read(string type, string coordinates, string expected) =>
        Assert.Equal([$"cell  False {expected}"], Read(Result.OfFeatures(Result.Feature(type, coordinates)), "1"));

    [Theory]
    [InlineData("""[[[1,2],[3,4]]]""")]
    [InlineData(""" [ [ [ 1 , 2 ] ,[3.0,4e0,99] ] ] """)]
    [InlineData("[[[1.00000000000000000000,2],[30E-1,0.4e+1]]]")]
    public void Numbers_and_white_space_may_be_written_in_any_way(string coordinates) =>
        Assert.Equal(["cell  False 16,32 48,64"], Read(Result.OfFeatures(Result.Feature("Polygon", coordinates)), "1"));

    [Fact]
    public void Members_may_come_in_any_order_and_be_escaped()
    {
        var json = """{"scanResults":[{"geojson":{"features":[{"properties":{"note":"]}\"","annotation\u005ftype":"a\u0062c","confidence":0.5},"geometry":{"coordinates":[1,2],"t\u0079pe":"Point"},"type":"Feature"}]},"scanId":"\u0031"}]}""";
        Assert.Equal(["abc 0.5 False 16,32"], Read(Encoding.UTF8.GetBytes(json), "1"));
    }

    [Fact]
    public void A_heatmaps_polygons_have_the_colours_of_the_result()
    {
        var colors = new Colors();
        var feature = """{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]},{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]},{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]},"properties":{"annotation_type":"heat","contour_colors":["#ff0000","none of these"]}}""";
        new ResultObjects(colors).Read(Result.OfFeatures(feature), "1");
        Assert.Equal([(0xffff0000, 0), (0u, 1), (0u, 2)], colors.Seen);
    }

    sealed class Colors : IObjectReceiver
    {
        public List<(uint Color, int Part)> Seen { get; } = [];

        public void Receive(in FoundObject found) => Seen.Add((found.Color, found.Part));
    }

    [Fact]
    public void A_cut_off_result_is_an_error_and_not_a_crash()
    {
        var json = Result.OfFeatures(Result.Feature("Polygon", "[[[0,0],[1.25,0],[1,1],[0,0]]]", more: ",\"score\":1e2"));
        for (var length = 0; length < json.Length; length++)
        {
            try
            {
                _ = Read(json[..length], "1");
            }
            catch (System.Text.Json.JsonException)
            {
            }
        }
    }
}
