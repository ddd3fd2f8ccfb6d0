using System.Text.Json.Nodes;
using Slidebridge.Commands;
using Slidebridge.Sdk.Results;
using Slidebridge.Tests.Results;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class ValidateCommandTests
{
    static async Task<Ran> RunAsync(byte[] json, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("results.json"), json, TestContext.Current.CancellationToken);
        return await Ran.AsAsync(ValidateCommand.Create(), [folder.File("results.json"), .. arguments]);
    }

    [Fact]
    public async Task Valid_results_are_told_with_the_scans_that_they_name() =>
        Assert.Equal(new Ran(0, "valid, with scans 4711, 4712\n", ""), await RunAsync(Example.Read("Annotations")));

    [Fact]
    public async Task Results_are_read_as_the_bridge_reads_them_from_a_program()
    {
        const string Json = """{"caseResults": [], "scanResults": [{"scanId": "4711", "results": []}]}""";
        foreach (var encoding in (System.Text.Encoding[])[new System.Text.UTF8Encoding(true), System.Text.Encoding.Unicode])
            Assert.Equal(new Ran(0, "valid, with scan 4711\n", ""), await RunAsync([.. encoding.GetPreamble(), .. encoding.GetBytes(Json)]));
        Assert.Equal(1, (await RunAsync(System.Text.Encoding.UTF8.GetBytes(Json), "--platform")).Code);
        var (code, told, _) = await RunAsync("""{"scanResults": [], "scanResults": []}"""u8.ToArray());
        Assert.Equal((1, "$.scanResults: found this key twice (the second at line 1, byte 21), expected each key of an object once\n"), (code, told));
    }

    [Fact]
    public async Task Each_broken_rule_is_a_line_with_its_path()
    {
        var (code, told, _) = await RunAsync("""{"caseResults": 1, "scanResults": [{"scanId": "12", "results": {"summary": 5}}]}"""u8.ToArray());
        Assert.Equal(1, code);
        Assert.Equal("$.caseResults: found 1, expected an object of the case's values\n$.scanResults[0].results.summary: found 5, expected a string\n", told);
    }

    [Fact]
    public async Task A_scan_that_the_task_has_not_is_found_where_the_tasks_scans_are_given()
    {
        Assert.Equal(0, (await RunAsync(Example.Read("Annotations"), "--scan", "4711", "--scan", "4712")).Code);
        var (code, told, _) = await RunAsync(Example.Read("Annotations"), "--scan", "4711");
        Assert.Equal((1, "$.scanResults[1].scanId: found \"4712\", expected one of the task's scans (4711)\n"), (code, told));
    }

    [Fact]
    public async Task What_only_the_bridge_refuses_is_valid_for_the_platform()
    {
        var twice = """{"scanResults": [{"scanId": "1"}, {"scanId": "1"}]}"""u8.ToArray();
        Assert.Equal((1, 0), ((await RunAsync(twice)).Code, (await RunAsync(twice, "--platform")).Code));
    }

    [Theory]
    [InlineData("", "invalid JSON at line 1, byte 1")]
    [InlineData("[]", "found a list of 0")]
    [InlineData("{\"scanResults\": [1, {\"scanId\": \"\\ud800\"}]}", "text that is not Unicode")]
    public async Task What_are_no_results_at_all_is_not_valid(string text, string told)
    {
        var ran = await RunAsync(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(1, ran.Code);
        Assert.Contains(told, ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_wrong_argument() =>
        Assert.Equal(new Ran(2, "", "slidebridge: The file nowhere.json does not exist.\n"), await Ran.AsAsync(ValidateCommand.Create(), "nowhere.json"));

    [Fact]
    public async Task The_schema_is_printed_as_it_is()
    {
        var (code, told, _) = await Ran.AsAsync(ResultsCommand.Create(), "schema");
        Assert.Equal((0, ResultsSchema.Json), (code, told));
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)JsonNode.Parse(told)!["$schema"]);
    }
}
