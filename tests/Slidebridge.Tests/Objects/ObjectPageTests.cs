using System.Globalization;
using System.Text.Json.Nodes;
using Slidebridge.Objects;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Objects;

public sealed class ObjectPageTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static byte[] Numbered(int count) => Result.OfFeatures(Enumerable.Range(0, count).Select(i => Result.Box(
        i % 100 * 20, i / 100 * 20, 10, 10, i % 3 == 0 ? "third" : "other", i % 10 == 0 ? "" : $",\"score\":{(i * 7919 % 1000 / 1000.0).ToString(CultureInfo.InvariantCulture)}")));

    static List<ObjectRow> All(ObjectIndex index, ObjectQuery query)
    {
        var rows = new List<ObjectRow>();
        do
        {
            var page = ObjectPage.Read(index, query, Token);
            rows.AddRange(page.Objects);
            query = query with { After = page.Next };
        }
        while (query.After is not null);
        return rows;
    }

    [Fact]
    public void Pages_list_every_object_once_in_the_order_of_the_result()
    {
        using var index = Result.Index(folder, Numbered(1000));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), All(index, new ObjectQuery(Limit: 70)).Select(row => row.Id));
    }

    [Fact]
    public void Pages_by_score_begin_with_the_highest_and_end_with_objects_without_one()
    {
        using var index = Result.Index(folder, Numbered(1000));
        var rows = All(index, new ObjectQuery(Order: ObjectOrder.Score, Limit: 33));
        Assert.Equal(1000, rows.Select(row => row.Id).Distinct().Count());
        Assert.Equal(rows.OrderByDescending(row => row.Score ?? float.NegativeInfinity).ThenBy(row => row.Id).Select(row => row.Id), rows.Select(row => row.Id));
        Assert.Equal(100, rows.Count(row => row.Score is null));
    }

    [Theory]
    [InlineData(ObjectOrder.Id)]
    [InlineData(ObjectOrder.Score)]
    public void A_page_lists_one_class_from_a_score_on(object order)
    {
        using var index = Result.Index(folder, Numbered(1000));
        var rows = All(index, new ObjectQuery(Class: 0, LeastScore: 0.9, Order: (ObjectOrder)order, Limit: 10));
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row is { Name: "third", Class: 0, Score: >= 0.9f }));
        Assert.Equal(Enumerable.Range(0, 1000).Count(i => i % 3 == 0 && i % 10 != 0 && i * 7919 % 1000 >= 900), rows.Count);
    }

    [Fact]
    public void Negative_scores_are_in_order_too()
    {
        float[] scores = [-1, 0, -0.5f, 1e30f, -1e30f, 2, float.NaN];
        Assert.Equal([1e30f, 2, 0, -0.5f, -1, -1e30f, float.NaN], scores.OrderBy(score => ScoreKey.Of(score, 0)));
    }

    [Fact]
    public void At_a_position_the_smallest_object_comes_first()
    {
        using var index = Result.Index(folder, Result.OfFeatures(
            Result.Box(0, 0, 8000, 8000), Result.Box(1000, 1000, 100, 100), Result.Feature("Point", "[1050,1050]"), Result.Box(3000, 3000, 10, 10),
            Result.Feature("LineString", "[[0,1053],[9000,1053]]"), Result.Feature("Polygon", $"[{Result.Ring(2000, 2000, 2200, 2000, 2200, 2200, 2000, 2200, 2000, 2000)},{Result.Ring(2050, 2050, 2150, 2050, 2150, 2150, 2050, 2150, 2050, 2050)}]")));
        Assert.Equal([2L, 4L, 1L, 0L], ObjectsAt.Find(index, 1050, 1050, 4, Token).Objects.Select(row => row.Id));
        Assert.Equal([5L, 0L], ObjectsAt.Find(index, 2020, 2100, 1, Token).Objects.Select(row => row.Id));
        Assert.Equal([0L], ObjectsAt.Find(index, 2100, 2100, 1, Token).Objects.Select(row => row.Id));
        Assert.Empty(ObjectsAt.Find(index, 8500, 8500, 4, Token).Objects);
        Assert.Empty(ObjectsAt.Find(index, double.NaN, 1, 4, Token).Objects);
    }

    [Fact]
    public void Objects_that_a_tile_only_counts_are_found_too()
    {
        var points = string.Join(',', Enumerable.Repeat("""{"x":5,"y":6,"score":0.5,"type":"a"}""", 10_000));
        using var index = Result.Index(folder, Result.OfReport("""{"type":"WholeSlideDifferential","scores":{},"positivity_threshold":0.5,"points":[""" + points + "]}"));
        Assert.Equal(100, ObjectsAt.Find(index, 6, 6, 2, Token).Objects.Count);
        Assert.Empty(ObjectsAt.Find(index, 60, 6, 2, Token).Objects);
    }

    [Fact]
    public void An_objects_properties_and_outline_are_read_from_the_result()
    {
        var json = Result.OfFeatures(Result.Box(1, 1, 5, 5), Result.Box(1000, 1000, 100, 50, "<script>", ",\"note\":[1,{\"a\":null}]"));
        using var index = Result.Index(folder, json);
        var detail = JsonNode.Parse(Result.DetailOf(json, index, 1))!;
        Assert.Equal("""{"annotation_type":"<script>","note":[1,{"a":null}]}""", detail["properties"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("[[1000,1000,1100,1000,1100,1050,1000,1050,1000,1000]]", detail["outline"]!.ToJsonString());
        Assert.Equal((5000, 300), ((double)detail["object"]!["area"]!, (double)detail["perimeter"]!));
        Assert.Null(ObjectDetail.SourceOf(index, 2));
        Assert.Null(ObjectDetail.SourceOf(index, -1));
    }

    [Fact]
    public void Of_a_reports_box_all_of_it_is_shown()
    {
        var json = Result.OfReport("""{"type":"AiMitosisCounting","regions":[],"objects":[{"x":10,"y":20,"width":-4,"height":6}]}""");
        using var index = Result.Index(folder, json);
        var detail = JsonNode.Parse(Result.DetailOf(json, index, 0))!;
        Assert.Equal("""{"x":10,"y":20,"width":-4,"height":6}""", detail["properties"]!.ToJsonString());
        Assert.Equal("[[6,20,10,20,10,26,6,26,6,20]]", detail["outline"]!.ToJsonString());
        Assert.Equal("mitosis", (string)detail["object"]!["name"]!);
        Assert.True((bool)detail["counted"]!);
    }
}
