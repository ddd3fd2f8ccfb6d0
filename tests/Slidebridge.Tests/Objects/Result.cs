using System.Globalization;
using System.Text;
using Slidebridge.Objects;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Objects;

/// <summary>Results of scan 1 as JSON, and indexes of them.</summary>
static class Result
{
    public static byte[] OfFeatures(params IEnumerable<string> features) =>
        Encoding.UTF8.GetBytes("{\"scanResults\":[{\"scanId\":\"1\",\"geojson\":{\"type\":\"FeatureCollection\",\"features\":[" + string.Join(',', features) + "]}}]}");

    public static byte[] OfReport(string report) =>
        Encoding.UTF8.GetBytes("{\"scanResults\":[{\"scanId\":\"0\"},{\"scanId\":\"1\",\"workflow\":{\"model_name\":\"m\",\"provider\":\"p\",\"ruo\":true,\"report\":" + report + "}}]}");

    public static string Feature(string type, string coordinates, string? name = "cell", string more = "") =>
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"" + type + "\",\"coordinates\":" + coordinates + "},\"properties\":{" + (name is null ? "\"x\":1" : "\"annotation_type\":\"" + name + "\"") + more + "}}";

    public static string Ring(params ReadOnlySpan<double> xy)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < xy.Length; i += 2) text.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}[{xy[i]},{xy[i + 1]}]");
        return text.Append(']').ToString();
    }

    public static string Box(double x, double y, double width, double height, string? name = "cell", string more = "") =>
        Feature("Polygon", $"[{Ring(x, y, x + width, y, x + width, y + height, x, y + height, x, y)}]", name, more);

    public static ObjectIndex Index(TemporaryFolder folder, byte[] json, double width = 10_000, double height = 10_000) => Index(folder, json, (width, height));

    public static ObjectIndex Index(TemporaryFolder folder, byte[] json, (double, double)? slide)
    {
        var path = Path.Combine(folder.Path, Path.GetRandomFileName());
        ObjectIndexWriter.Write(json, "1", slide, path, TestContext.Current.CancellationToken);
        return ObjectIndex.Open(path);
    }

    public static string Summary(this ObjectIndex index) => Encoding.UTF8.GetString(index.Summary.Span);

    /// <summary>Every tile of a level.</summary>
    public static IEnumerable<(int X, int Y, byte[] Bytes)> Tiles(this ObjectIndex index, int level)
    {
        var grid = index.GridOf(level);
        for (var y = 0; y < grid.Rows; y++)
            for (var x = 0; x < grid.Columns; x++)
                if (index.Tile(level, x, y) is { } tile) yield return (x, y, tile);
    }

    /// <summary>The objects that a level draws, and how many it counts.</summary>
    public static (HashSet<uint> Drawn, int Counted) Of(this ObjectIndex index, int level)
    {
        var drawn = new HashSet<uint>();
        var counted = 0;
        foreach (var (_, _, bytes) in index.Tiles(level))
        {
            var tile = new TileView(bytes);
            drawn.UnionWith(tile.Ids.ToArray());
            foreach (var count in tile.Counts) counted += count;
        }
        return (drawn, counted);
    }

    /// <summary>The vertices of an object in a tile, level-0 pixels.</summary>
    public static (double X, double Y)[] Vertices(this ObjectIndex index, uint id, int level, int column, int row)
    {
        var tile = new TileView(index.Tile(level, column, row)!);
        var downsample = index.GridOf(level).Downsample;
        int ring = 0, vertex = 0;
        for (var i = 0; i < tile.Ids.Length; i++)
        {
            var count = 0;
            for (var end = ring + tile.Rings[i]; ring < end; ring++) count += tile.Lengths[ring];
            if (tile.Ids[i] == id)
            {
                var found = new (double, double)[count];
                for (var k = 0; k < count; k++)
                    found[k] = (((double)tile.Xy[2 * (vertex + k)] / TileFormat.Parts + column * TileFormat.Edge) * downsample, ((double)tile.Xy[2 * (vertex + k) + 1] / TileFormat.Parts + row * TileFormat.Edge) * downsample);
                return found;
            }
            vertex += count;
        }
        return [];
    }

    public static byte[] DetailOf(byte[] json, ObjectIndex index, long id) => ObjectDetail.Read(index, id, Source(json, index, id)).ToJson();

    static ReadOnlySpan<byte> Source(byte[] json, ObjectIndex index, long id) => ObjectDetail.SourceOf(index, id) is var (offset, length) ? json.AsSpan(offset, length) : throw new InvalidOperationException();
}
