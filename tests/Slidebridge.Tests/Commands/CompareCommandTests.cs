using System.Text.Json.Nodes;
using Slidebridge.Commands;
using Slidebridge.Tests.Objects;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public CompareCommandTests()
    {
        File.WriteAllBytes(folder.File("a.json"), Result.OfFeatures(Result.Box(0, 0, 10, 10), Result.Box(100, 0, 10, 10), Result.Box(0, 50, 10, 10, "<b>")));
        File.WriteAllBytes(folder.File("b.json"), Result.OfFeatures(Result.Box(0, 0, 10, 10)));
    }

    public void Dispose() => folder.Dispose();

    Task<Ran> RunAsync(params string[] arguments) => Ran.AsAsync(CompareCommand.Create(), arguments);

    [Fact]
    public async Task Two_results_are_before_and_after()
    {
        var (code, told, rules) = await RunAsync(folder.File("a.json"), folder.File("b.json"));
        Assert.Equal(0, code);
        Assert.Equal("""
            scan	class	before	after	matched	only in A	only in B	Dice
            1	<b>	1	0	0	1	0	0.000
            1	cell	2	1	1	1	0	0.666
            1	all classes	3	1	1	2	0	0.500

            """, told);
        Assert.Equal("Polygons match at IoU 0.5 or more; points within 15 level-0 pixels. Areas are sampled in rows of 0.0625 pixel.\n", rules);
    }

    [Fact]
    public async Task With_a_truth_there_are_precision_and_recall_and_micrometres_need_the_resolution()
    {
        var (_, told, rules) = await RunAsync(folder.File("a.json"), folder.File("b.json"), "--truth", "--within", "4", "--mpp", "0.25");
        Assert.Contains("1\tcell\t2\t1\t1\t1\t0\t1.000\t0.500\t0.666\t0.666\n", told, StringComparison.Ordinal);
        Assert.Contains("points within 4 µm (16 pixels)", rules, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_get_JSON_and_readers_a_page_in_one_file()
    {
        var (code, told, error) = await RunAsync(folder.File("a.json"), folder.File("b.json"), "--truth", "--json", "--html", folder.File("page.html"));
        Assert.Equal((0, ""), (code, error));
        var json = JsonNode.Parse(told)!;
        Assert.Equal((1L, 0.5), ((long)json["all"]!["all"]!["matched"]!, (double)json["scans"]![0]!["classes"]![1]!["recall"]!));
        var page = await File.ReadAllTextAsync(folder.File("page.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<td>&lt;b&gt;</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.json", "The file {0} does not exist.")]
    [InlineData("broken.json", "{0} is not a valid result: ")]
    [InlineData("list.json", "{0} is not a valid result: ")]
    public async Task What_is_not_a_result_is_one_sentence(string name, string sentence)
    {
        await File.WriteAllTextAsync(folder.File("broken.json"), "{\"scanResults\": [", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("list.json"), "[]", TestContext.Current.CancellationToken);
        foreach (var (a, b) in ((string, string)[])[(name, "a.json"), ("a.json", name)])
        {
            var (code, told, error) = await RunAsync(folder.File(a), folder.File(b)).AsFailure();
            Assert.Equal((2, ""), (code, told));
            Assert.StartsWith(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, folder.File(name)), error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--iou", "0", "--iou must be a number above 0 and at most 1, such as 0.5; '0' is not.")]
    [InlineData("--iou", "x", "--iou must be a number above 0 and at most 1, such as 0.5; 'x' is not.")]
    [InlineData("--within", "-1", "--within must be a number from 0 to 1000000, such as 15; '-1' is not.")]
    public async Task A_wrong_number_is_one_sentence(string option, string value, string sentence)
    {
        var (code, _, error) = await RunAsync(folder.File("a.json"), folder.File("b.json"), option, value).AsFailure();
        Assert.Equal((2, sentence), (code, error));
    }
}
