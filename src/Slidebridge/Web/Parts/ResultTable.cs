using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Web.Parts;

/// <summary>A part of a result as a table that people read.</summary>
/// <param name="Title">What the table shows.</param>
/// <param name="Columns">The columns' names; those that begin with <c>#</c> hold numbers.</param>
/// <param name="Rows">As many cells as columns.</param>
/// <param name="More">Rows that are left out.</param>
sealed record ResultTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int More = 0)
{
    /// <summary>Maximum rows of a table. All objects are in the viewer's list.</summary>
    public const int Most = 50;

    /// <summary>The free values of a scan or a case, without those that are shown elsewhere.</summary>
    public static ResultTable? OfValues(string title, JsonObject? values, params string[] except) =>
        values?.Where(value => !except.Contains(value.Key)).ToList() is { Count: > 0 } own ? Cut(title, ["name", "value"], own.Select(value => Row(value.Key, Text(value.Value)))) : null;

    /// <summary>The tables of a report.</summary>
    public static IEnumerable<ResultTable> Of(Report report) => (report switch
    {
        BasicReport basic => [
            Cut("Results", ["name", "result"], basic.Results.Select(result => Row(result.Name, result.Result))),
            Cut("Segments", ["segment", "result", "#shapes"], basic.Segments.Select(segment => Row(segment.Name, segment.Result ?? "", Number(segment.FeatureCollection.Features.Count))))],
        WholeSlideDifferentialReport whole => [Scores(whole.Scores), Points(whole.Points, whole.PositivityThreshold)],
        SemiQuantitativeDifferentialReport semi => [Scores(semi.Scores), Points(semi.Points, null)],
        AreaDifferentialReport area => [
            Scores(area.Scores),
            Cut("Regions", ["#region", "#weight", "#score", "#objects", "#at or above the threshold"], area.Regions.Select((region, i) => Row(Number(i + 1), Number(region.Weight), Number(region.Score), Number(region.Points.Count), Number(region.Points.Count(point => point.Score >= area.PositivityThreshold))))),
            Points([.. area.Regions.SelectMany(region => region.Points)], area.PositivityThreshold)],
        RegionCountingReport counting => [Counts("objects", counting.Objects.Count, counting.Regions.Count)],
        AiMitosisCountingReport mitoses => [Counts("mitoses", mitoses.Objects.Count, mitoses.Regions.Count)],
        TumorCellularityReport tumor => OfTumor(tumor),
        _ => Array.Empty<ResultTable>(),
    }).Where(table => table.Rows.Count > 0);

    static IEnumerable<ResultTable> OfTumor(TumorCellularityReport tumor)
    {
        yield return Cut("Tumour cellularity by threshold", ["threshold", "#tumour cellularity", "#area", "cells"],
            tumor.ThresholdMap.Select(each => Row(each.Key, Number(each.Value.TumorCellularity), Number(each.Value.Area), string.Join(", ", each.Value.Counts.Select(count => $"{count.Label} {Number(count.Count)}")))));
        yield return Cut("Distributions", ["threshold", "distribution", "label", "#fraction", "#area"],
            tumor.ThresholdMap.SelectMany(each => (each.Value.Distributions ?? new Dictionary<string, IReadOnlyList<LabelShare>>()).SelectMany(distribution => distribution.Value.Select(share => Row(each.Key, distribution.Key, share.Label, Number(share.Fraction), Number(share.Area))))));
        yield return Cut("Other segments", ["group", "segment", "result", "#shapes"],
            (tumor.OtherSegments ?? new Dictionary<string, IReadOnlyList<Segment>>()).SelectMany(group => group.Value.Select(segment => Row(group.Key, segment.Name, segment.Result ?? "", Number(segment.FeatureCollection.Features.Count)))));
    }

    static ResultTable Scores(IReadOnlyDictionary<string, double> scores) => Cut("Scores", ["name", "#score"], scores.Select(score => Row(score.Key, Number(score.Value))));

    static ResultTable Points(IReadOnlyList<ScoredPoint> points, double? threshold)
    {
        IReadOnlyList<string> columns = threshold is { } limit ? ["type", "#objects", "#lowest score", "#mean score", "#highest score", $"#positive (≥ {Number(limit)})"] : ["type", "#objects", "#lowest score", "#mean score", "#highest score"];
        return Cut("Objects", columns, points.GroupBy(point => point.Type).OrderByDescending(type => type.Count()).Select(type => (IReadOnlyList<string>)[
            type.Key, Number(type.Count()), Number(type.Min(point => point.Score)), Number(type.Average(point => point.Score)), Number(type.Max(point => point.Score)),
            .. threshold is { } least ? [Number(type.Count(point => point.Score >= least))] : Array.Empty<string>()]));
    }

    static ResultTable Counts(string what, int objects, int regions) => new("Counts", [$"#{what}", "#regions"], [Row(Number(objects), Number(regions))]);

    static ResultTable Cut(string title, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        return new(title, columns, [.. all.Take(Most)], Math.Max(0, all.Count - Most));
    }

    static string[] Row(params string[] cells) => cells;

    /// <summary>With thousands separated, and at most four decimals.</summary>
    public static string Number(double value) => double.IsFinite(value) ? value.ToString(Math.Abs(value) is >= 1 or 0 ? "#,0.##" : "0.####", CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);

    static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue single when single.GetValueKind() is JsonValueKind.String => single.ToString(),
        JsonValue single when single.GetValueKind() is JsonValueKind.Number && single.TryGetValue<double>(out var number) => Number(number),
        _ => value.ToJsonString(),
    };
}
