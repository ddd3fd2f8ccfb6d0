using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Tests.Results;

/// <summary>Random results, and random damage to valid ones.</summary>
public sealed class PropertyTests
{
    /// <summary>Any finite number: the smallest, the largest, minus zero.</summary>
    static readonly Gen<double> Number = Gen.OneOf(Gen.Double[-1e6, 1e6], Gen.Int[0, 200_000].Select(i => (double)i), Gen.Double.Where(double.IsFinite));

    /// <summary>Text of any characters but half surrogate pairs, which no UTF-8 can hold.</summary>
    static readonly Gen<string> Text = Gen.String.Select(text => new string([.. text.Where(c => !char.IsSurrogate(c))]));

    static readonly Gen<Position> Position = Gen.Select(Number, Number, (x, y) => new Position(x, y));

    static readonly Gen<List<Position>> Outline = Position.List[3, 8];

    static readonly Gen<JsonNode> Free = Gen.OneOf(Number.Select(n => (JsonNode)n), Text.Select(t => (JsonNode)t), Gen.Bool.Select(b => (JsonNode)b), Text.List[0, 3].Select(l => (JsonNode)new JsonArray([.. l.Select(t => (JsonNode?)t)])));

    static readonly Gen<string> Color = Gen.Int[0, 0xffffff].Select(c => $"#{c:x6}");

    static readonly Gen<Polygon> Area = Outline.Select(o => new Polygon([[.. o, o[0]]]));

    static readonly Gen<Geometry> Shape = Gen.OneOf<Geometry>(
        Area, Position.Select(p => new Point(p)), Position.List[1, 5].Select(p => new MultiPoint(p)), Position.List[2, 5].Select(p => new LineString(p)),
        Position.List[2, 5].List[1, 3].Select(l => new MultiLineString(l)), Area.List[1, 3].Select(a => new MultiPolygon([.. a.Select(p => p.Coordinates)])));

    static readonly Gen<Feature> Region = Gen.OneOf(Shape, Shape.List[0, 3].Select(s => (Geometry)new GeometryCollection(s))).Select(g => new Feature { Geometry = g });

    static readonly Gen<IReadOnlyList<ScoredPoint>> Points = Gen.Select(Number, Number, Number, Text, (x, y, s, t) => new ScoredPoint(x, y, s, t)).List[0, 4].Select(l => (IReadOnlyList<ScoredPoint>)l);

    static readonly Gen<Dictionary<string, double>> Scores = Gen.Dictionary(Text, Number)[0, 4];

    static readonly Gen<Segment> Part = Gen.Select(Text, Region.List[0, 3], Gen.Bool, Text, (name, regions, has, result) => new Segment(name, new FeatureCollection { Features = regions }, has ? result : null));

    static readonly Gen<LabelShare> Share = Gen.Select(Text, Number, Number, (label, fraction, area) => new LabelShare(label, fraction, area));

    static readonly Gen<Dictionary<string, IReadOnlyList<LabelShare>>?> Distributions =
        Gen.Select(Gen.Bool, Gen.Dictionary(Text, Share.List[0, 3].Select(l => (IReadOnlyList<LabelShare>)l))[0, 2], (has, shares) => has ? shares : null);

    static readonly Gen<CellularityAtThreshold> Cellularity = Gen.Select(
        Number, Gen.Select(Text, Number, (l, c) => new LabelCount(l, c)).List[0, 3], Region, Number, Distributions,
        (share, counts, region, area, distributions) => new CellularityAtThreshold(share, counts, region, area, distributions));

    static readonly Gen<List<ObjectBox>> Boxes = Gen.Select(Number, Number, Number, Number, (x, y, w, h) => new ObjectBox(x, y, w, h)).List[0, 4];

    static readonly Gen<Report> AnyReport = Gen.OneOf<Report>(
        Gen.Select(Gen.Select(Text, Text, (n, r) => new NamedResult(n, r)).List[0, 3], Part.List[0, 3], (r, s) => new BasicReport(r, s)),
        Gen.Select(Points, Scores, Number, (p, s, t) => new WholeSlideDifferentialReport(p, s, t)),
        Gen.Select(Gen.Select(Area, Number, Number, Points, (a, w, s, p) => new ScoredRegion(new Feature { Geometry = a }, w, s, p)).List[0, 3], Scores, Number, (r, s, t) => new AreaDifferentialReport(r, s, t)),
        Gen.Select(Points, Scores, (p, s) => new SemiQuantitativeDifferentialReport(p, s)),
        Gen.Select(Boxes, Region.List[0, 3], (o, r) => new RegionCountingReport(o, r)),
        Gen.Select(Boxes, Region.List[0, 3], (o, r) => new AiMitosisCountingReport(o, r)),
        Gen.Select(Gen.Dictionary(Text, Cellularity)[0, 3], Gen.Bool, Gen.Dictionary(Text, Part.List[0, 2].Select(l => (IReadOnlyList<Segment>)l))[0, 2], (m, has, o) => new TumorCellularityReport(m, has ? o : null)));

    static readonly Gen<Action<ScanResultBuilder>> Step = Gen.OneOf<Action<ScanResultBuilder>>(
        Text.Select(t => (Action<ScanResultBuilder>)(s => s.Summary(t))),
        Gen.Select(Text, Free, (n, v) => (Action<ScanResultBuilder>)(s => s.Value(n is "summary" or "external_url" ? "other" : n, v))),
        Gen.Select(Gen.Int, Gen.Int, Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue], Text, (x, y, w, h, t) => (Action<ScanResultBuilder>)(s => s.Box(x, y, w, h, t))),
        Gen.Select(Outline, Outline.List[0, 2], Text, (o, holes, t) => (Action<ScanResultBuilder>)(s => s.Polygon(o, t, holes))),
        Gen.Select(Number, Number, Text, (x, y, t) => (Action<ScanResultBuilder>)(s => s.Point(x, y, t))),
        Gen.Select(Shape, Text, Free, (g, t, v) => (Action<ScanResultBuilder>)(s => s.Add(g, t, new JsonObject { ["free"] = v.DeepClone() }))),
        Gen.Select(Gen.Select(Outline, Color).List[1, 4], Text, (c, t) => (Action<ScanResultBuilder>)(s => s.Heatmap([.. c.Select(p => ((IEnumerable<Position>)p.Item1, p.Item2))], t))),
        Gen.Const<Action<ScanResultBuilder>>(s => s.QcPass()),
        Text.Select(t => (Action<ScanResultBuilder>)(s => s.QcFail(t))),
        Gen.Select(Text, Gen.Bool, AnyReport, Text, (n, ruo, r, k) => (Action<ScanResultBuilder>)(s => s.Workflow(n, "provider", ruo, r, k, n))));

    internal static readonly Gen<TaskResults> Valid = Gen.Select(Gen.Select(Gen.Int[1, 9], Step).List[0, 12], Gen.Bool, Number, (steps, triage, score) =>
    {
        var results = new ResultsBuilder();
        if (triage) results.Case.Triage("urgent", score);
        foreach (var (scan, step) in steps) step(results.Scan($"{scan}"));
        return results.Build();
    });

    static readonly string[] Scans = [.. Enumerable.Range(1, 9).Select(i => $"{i}")];

    [Fact]
    public void What_the_builder_builds_is_valid_and_comes_back_the_same() => Valid.Sample(results =>
    {
        var json = ResultsJson.Serialize(results);
        Assert.Empty(ResultsValidator.Validate(json, Scans, ResultsStrictness.Bridge));
        Assert.Empty(ResultsValidator.Validate(json, Scans, ResultsStrictness.Platform));
        Assert.Equal(json, ResultsJson.Serialize(ResultsJson.Parse(json)));
    }, iter: 2000);

    /// <summary>The validator answers for any JSON at all, and what the bridge would post can be read.</summary>
    [Fact]
    public void Damage_is_refused_or_harmless_and_throws_nothing() => Gen.Select(OneOf([.. Example.Names]), Gen.Int[0, 100_000], OneOf("null", "7", "\"text\"", "[]", "{}", "[[]]", "-1e999", "true", "\"\\ud800\"", "[1,2]", "\"4712\"")).Sample((name, at, with) =>
    {
        var places = Places(JsonNode.Parse(Example.Read(name))!, "").ToArray();
        var changed = Example.Changed(name, places[at % places.Length], with);
        var bridge = ResultsValidator.Validate(changed, Example.Scans);
        var platform = ResultsValidator.Validate(changed, Example.Scans, ResultsStrictness.Platform);
        Assert.True(platform.Count <= bridge.Count, "The platform is never stricter.");
        if (bridge.Count > 0) return;
        using var written = JsonDocument.Parse(ResultsJson.Serialize(ResultsJson.Parse(changed)));
        Assert.Empty(ResultsValidator.Validate(written.RootElement, Example.Scans));
    }, iter: 5000);

    static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    static IEnumerable<string> Places(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(m => Places(m.Value, $"{path}/{m.Key}").Prepend($"{path}/{m.Key}")),
        JsonArray list => list.SelectMany((element, i) => Places(element, $"{path}/{i}").Prepend($"{path}/{i}")),
        _ => [],
    };
}
