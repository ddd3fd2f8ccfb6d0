using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Tests.Results;

/// <summary>The JSON Schema says what the validator says, as far as a schema can: asked of python3-jsonschema.</summary>
public sealed class SchemaTests
{
    /// <summary>How the rules begin that docs/results.md lists as beyond a schema.</summary>
    static readonly string[] BeyondSchema = ["one of the task's scans", "one result for each scan", "a closed ring", "a box whose minimum", "a colour for each"];

    const string Script = """
        import sys, json, jsonschema
        ask = json.load(sys.stdin)
        kind = jsonschema.Draft202012Validator
        kind.check_schema(ask["schema"])
        validator = kind(ask["schema"])
        print(json.dumps([validator.is_valid(json.loads(each)) for each in ask["documents"]]))
        """;

    [Fact]
    public void The_schema_and_the_validator_agree_on_every_sample_and_on_damage_at_every_place()
    {
        var samples = Samples().ToArray();
        var taken = AskSchema([.. samples.Select(s => s.Json)]);
        var disagreed = new List<string>();
        for (var i = 0; i < samples.Length; i++)
        {
            var problems = ResultsValidator.Validate(Encoding.UTF8.GetBytes(samples[i].Json), Example.Scans);
            var expected = problems.All(p => BeyondSchema.Any(rule => p.Expected.StartsWith(rule, StringComparison.Ordinal)));
            if (taken[i] != expected) disagreed.Add($"{samples[i].What}: the schema {(taken[i] ? "takes" : "refuses")} it; the validator: {string.Join("; ", problems)}");
        }
        Assert.Empty(disagreed);
        Assert.InRange(taken.Count(valid => valid), 40, samples.Length - 200);
    }

    [Fact]
    public void Each_rule_that_is_beyond_a_schema_is_met_by_a_sample()
    {
        var told = Samples().SelectMany(s => ResultsValidator.Validate(Encoding.UTF8.GetBytes(s.Json), Example.Scans)).Select(p => p.Expected).ToArray();
        Assert.All(BeyondSchema, rule => Assert.Contains(told, expected => expected.StartsWith(rule, StringComparison.Ordinal)));
    }

    internal static IEnumerable<(string What, string Json)> Samples()
    {
        foreach (var name in Example.Names) yield return (name, Encoding.UTF8.GetString(Example.Read(name)));
        foreach (var row in RuleTests.Broken) yield return Changed(row.Data.Item1, row.Data.Item2, row.Data.Item3);
        foreach (var row in StrictnessTests.Differences) yield return Changed(row.Data.Item1, row.Data.Item2, row.Data.Item3);
        foreach (var row in RuleTests.Harmless) yield return Changed(row.Data.Item1, row.Data.Item2, row.Data.Item3);
        string[] damage = ["null", "7", "\"text\"", "[]", "{}", "[[]]", "-1e999", "true", "[1,2]"];
        var next = 0;
        foreach (var name in Example.Names)
            foreach (var place in Places(JsonNode.Parse(Example.Read(name)), ""))
                yield return Changed(name, place, damage[next++ % damage.Length]);
    }

    static (string What, string Json) Changed(string name, string pointer, string? json) => ($"{name} {pointer} {json ?? "removed"}", Encoding.UTF8.GetString(Example.Changed(name, pointer, json)));

    static IEnumerable<string> Places(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(m => Places(m.Value, $"{path}/{m.Key}").Prepend($"{path}/{m.Key}")),
        JsonArray list => list.SelectMany((element, i) => Places(element, $"{path}/{i}").Prepend($"{path}/{i}")),
        _ => [],
    };

    static bool[] AskSchema(string[] documents)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/env", ["python3", "-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var answer = process.StandardOutput.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(JsonSerializer.Serialize(new { schema = JsonNode.Parse(ResultsSchema.Json), documents }));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended early, and says why.
        }
        process.WaitForExit();
        if (process.ExitCode != 0 && errors.Result.Contains("No such file", StringComparison.Ordinal) | errors.Result.Contains("No module named", StringComparison.Ordinal)) Assert.Skip("python3 with jsonschema is not installed (Debian: python3-jsonschema).");
        Assert.True(process.ExitCode == 0, errors.Result);
        return JsonSerializer.Deserialize<bool[]>(answer.Result)!;
    }
}
