using System.Globalization;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides;
using Slidebridge.Units;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>Reports nuclei as a <c>WholeSlideDifferential</c>: a point for each, and counts for the slide and for each piece of tissue.</summary>
static class NucleiReport
{
    /// <summary>If there are more pieces of tissue, the report has only the sum; the pieces' outlines have the counts of each.</summary>
    const int MostPiecesTold = 12;

    /// <param name="found">Receives the result.</param>
    /// <param name="nuclei">All nuclei of the slide.</param>
    /// <param name="mask">Its tissue.</param>
    /// <param name="mpp">µm per level-0 pixel.</param>
    /// <param name="threshold">The optical density of DAB from which a nucleus is positive; null if the stain does not mark nuclei.</param>
    public static void Tell(ScanResultBuilder found, IReadOnlyList<FoundNucleus> nuclei, TissueMask mask, double mpp, double? threshold)
    {
        var area = mask.Regions.Sum(r => r.AreaPixels) * mpp * mpp / 1e6;
        var scores = new Dictionary<string, double>();
        Count(scores, nuclei, area, threshold);
        var ofRegion = nuclei.GroupBy(n => RegionOf(n, mask.Regions)).ToDictionary(g => g.Key, g => g.ToArray());
        for (var i = 0; i < mask.Regions.Count; i++)
        {
            var region = mask.Regions[i];
            var counted = new Dictionary<string, double>();
            Count(counted, ofRegion.GetValueOrDefault(i, []), region.AreaPixels * mpp * mpp / 1e6, threshold);
            if (mask.Regions.Count <= MostPiecesTold)
                foreach (var (name, value) in counted) scores[Text($"{name}, tissue {i + 1}")] = value;
            found.Polygon(Ring(region.Outline), "tissue", region.Holes.Select(Ring), new JsonObject([.. counted.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))]));
        }

        var points = nuclei.Select(n => threshold is { } from
            ? new ScoredPoint(Math.Round(n.X, 1), Math.Round(n.Y, 1), Math.Round(n.Marker, 3), n.Marker >= from ? "positive" : "negative")
            : new ScoredPoint(Math.Round(n.X, 1), Math.Round(n.Y, 1), Math.Round(n.Clarity, 3), "nucleus"));
        var report = new WholeSlideDifferentialReport([.. points], scores, threshold ?? Math.Round(NucleusDetection.FaintestEdge, 2));
        var headline = threshold is null ? ("Nuclei", Text($"{nuclei.Count}")) : ("Positive nuclei", Text($"{scores["positive percent"]:0.#} %"));
        found.Workflow("nuclei", "Slidebridge", ruo: true, report, headline.Item1, headline.Item2)
            .Summary(threshold is null
                ? Text($"{Counted.Text(nuclei.Count, "nucleus", "nuclei")} in {area:0.##} mm² of tissue")
                : Text($"{scores["positive percent"]:0.#} % of {Counted.Text(nuclei.Count, "nucleus is", "nuclei are")} positive, in {area:0.##} mm² of tissue"));
        foreach (var name in new[] { "nuclei", "nuclei per mm2", "positive", "positive percent" })
            if (scores.TryGetValue(name, out var value)) found.Value(name, value);
    }

    static void Count(Dictionary<string, double> scores, IReadOnlyCollection<FoundNucleus> nuclei, double area, double? threshold)
    {
        scores["nuclei"] = nuclei.Count;
        scores["nuclei per mm2"] = area > 0 ? Math.Round(nuclei.Count / area, 1) : 0;
        if (threshold is not { } from) return;
        var positive = nuclei.Count(n => n.Marker >= from);
        scores["positive"] = positive;
        scores["positive percent"] = nuclei.Count > 0 ? Math.Round(100.0 * positive / nuclei.Count, 1) : 0;
    }

    /// <summary>The piece of tissue around the nucleus; if it is in none, the nearest.</summary>
    static int RegionOf(FoundNucleus nucleus, IReadOnlyList<TissueRegion> regions)
    {
        if (regions.Count == 1) return 0;
        var (nearest, best) = (0, double.PositiveInfinity);
        for (var i = 0; i < regions.Count; i++)
        {
            if (Inside.Contains(regions[i].Outline, nucleus.X, nucleus.Y)) return i;
            var distance = regions[i].Outline.Min(p => (p.X - nucleus.X) * (p.X - nucleus.X) + (p.Y - nucleus.Y) * (p.Y - nucleus.Y));
            if (distance < best) (nearest, best) = (i, distance);
        }
        return nearest;
    }

    static IEnumerable<Position> Ring(IReadOnlyList<SlidePoint> ring) => ring.Select(p => new Position(Math.Round(p.X, 2), Math.Round(p.Y, 2)));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
