using System.CommandLine;
using System.Text.Json;
using Slidebridge.Sdk.Json;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge validate</c>: checks results by the platform's rules before anything posts them.</summary>
static class ValidateCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("RESULTS") { Description = "The file with the results' JSON, or - for standard input." };
        var scans = new Option<string[]>("--scan") { HelpName = "ID", Description = "A scan of the task; may be repeated. Default: the scans that the results name.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var platform = new Option<bool>("--platform") { Description = "Report only what the platform refuses, not what only the bridge refuses to post." };
        var command = new Command("validate", """
            Checks results by the platform's rules.

            It lists each broken rule: where (a JSON path), what is there, what should be.

            Exit code: 0 valid, 1 not valid, 2 wrong arguments.

            Examples:
              slidebridge validate results.json --scan 8061860
              python model.py | slidebridge validate -
            """)
        { file, scans, platform };
        return command.Does(async (parsed, cancellationToken) =>
        {
            ReadOnlyMemory<byte> json = await ReadAsync(parsed.GetValue(file)!, cancellationToken);
            var strictness = parsed.GetValue(platform) ? ResultsStrictness.Platform : ResultsStrictness.Bridge;
            var known = parsed.GetValue(scans) is { Length: > 0 } given ? given : NamedIn(json);
            var problems = strictness is ResultsStrictness.Bridge ? ResultsValidator.ValidateReceived(ref json, known) : ResultsValidator.Validate(json, known, strictness);
            var output = parsed.InvocationConfiguration.Output;
            foreach (var problem in problems) await output.WriteLineAsync(problem.ToString());
            if (problems.Count > 0) return 1;
            await output.WriteLineAsync($"valid, with scan{(known.Length == 1 ? "" : "s")} {(known.Length == 0 ? "none" : string.Join(", ", known))}");
            return 0;
        });
    }

    static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (file != "-") return File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellationToken) : throw new CommandException($"The file {file} does not exist.", 2);
        using var all = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }

    /// <summary>The scans in the results, as far as they can be read; the rules report what is wrong.</summary>
    public static string[] NamedIn(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(ReceivedJson.ToUtf8(json));
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("scanResults", out var results) && results.ValueKind is JsonValueKind.Array
                ? [.. results.EnumerateArray().Select(IdOf).OfType<string>().Distinct()]
                : [];
        }
        // The rules also report text that is not Unicode.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    static string? IdOf(JsonElement result) =>
        result.ValueKind is JsonValueKind.Object && result.TryGetProperty("scanId", out var id) && id.ValueKind is JsonValueKind.String ? id.GetString() : null;
}
