using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Commands;
using Slidebridge.Tests.Commands;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>What the pages on programs say is so.</summary>
public sealed partial class ProtocolTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "classifiers", "exec.md"));

    static Task<Ran> RunAsync(TemporaryFolder folder, string classifier, params string[] more) =>
        Ran.AsAsync(RunCommand.Create(Bridge.CreateBuilder([])), [SharedFiles.CmuSmallRegion, "--classifier", classifier, "--out", folder.File("out"), "--json", .. more]);

    [Fact]
    public async Task Every_message_keeps_to_the_schema()
    {
        const string script = """
            import sys, json, jsonschema
            ask = json.load(sys.stdin)
            for line in ask["lines"]:
                side, message = line.split(" ", 1)
                schema = {**ask["schema"], "$ref": "#/$defs/" + side}
                errors = list(jsonschema.Draft202012Validator(schema).iter_errors(json.loads(message)))
                if errors: print(message[:300], errors[0].message[:300])
            """;
        using var folder = new TemporaryFolder();
        var (log, package) = (folder.File("log"), Path.Combine(Repository.Root, "python"));
        var ran = await RunAsync(folder, $"exec:env PYTHONPATH='{package}' {Python.Interpreter} '{Python.File("tee.py")}' '{log}' {Python.Interpreter} -u -m slidebridge classifier '{Python.File("tiles.py")}'");
        Assert.True(ran.Code == 0, ran.Error);

        var lines = await File.ReadAllLinesAsync(log, Token);
        var types = lines.Select(l => (string)JsonNode.Parse(l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..])!["type"]!).ToHashSet();
        foreach (var type in new[] { "ready", "task", "tiles", "layout", "batch", "free", "end", "close", "region", "pixels", "thumbnail", "tissue", "path", "progress", "result" }) Assert.Contains(type, types);
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "classifiers", "protocol.schema.json"), Token));
        var question = new JsonObject { ["schema"] = schema, ["lines"] = new JsonArray([.. lines.Select(l => JsonValue.Create(l))]) };
        Assert.Equal("", await Python.RunWithAsync("jsonschema", script, question.ToJsonString()));
    }

    [Fact]
    public async Task The_pages_program_runs()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("darkness.py"), Block("python"), Token);
        var ran = await RunAsync(folder, $"exec:{Python.Interpreter} '{folder.File("darkness.py")}'");
        Assert.True(ran.Code == 0, ran.Error);
        Assert.Matches("^mean brightness [0-9]+$", SummaryOf(ran));
    }

    [Fact]
    public async Task The_pages_script_runs()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("count.sh"), Block("sh"), Token);
        var ran = await RunAsync(folder, $"one-shot:sh '{folder.File("count.sh")}'");
        if (ran.Error.Contains("jq: not found", StringComparison.Ordinal)) Assert.Skip("jq is missing");
        Assert.True(ran.Code == 0, ran.Error);
        Assert.StartsWith("2220 × 2967 pixels in ", SummaryOf(ran), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("python.md", "mine.py", "python", "dark tiles")]
    [InlineData("devkit.md", "webserver.py", "devkit", "looked at ")]
    public async Task The_programs_of_the_pages_on_Python_run(string page, string file, string kind, string summary)
    {
        using var folder = new TemporaryFolder();
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "classifiers", page), Token);
        await File.WriteAllTextAsync(folder.File(file), CodeBlock().Matches(text).First(m => m.Groups[1].Value == "python").Groups[2].Value, Token);
        var ran = await RunAsync(folder, $"{kind}:{folder.File(file)}", "--python", kind == "python" ? Python.WithNumpyInterpreter : Python.Interpreter);
        Assert.True(ran.Code == 0, ran.Error);
        Assert.Contains(summary, SummaryOf(ran), StringComparison.Ordinal);
    }

    static string SummaryOf(Ran ran) => JsonDocument.Parse(ran.Out).RootElement.GetProperty("scanResults")[0].GetProperty("results").GetProperty("summary").GetString()!;

    static string Block(string language) => CodeBlock().Matches(Page).First(m => m.Groups[1].Value == language).Groups[2].Value;

    [GeneratedRegex("```(\\w+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [Fact]
    public async Task A_last_line_that_nobody_ended_is_taken_once()
    {
        using var stream = new MemoryStream("""{"type":"heartbeat"}"""u8.ToArray());
        var reader = new MessageReader(stream, () => { }, 1 << 20);
        using (var message = await reader.ReadAsync()) Assert.NotNull(message);
        Assert.Null(await reader.ReadAsync());
    }
}
