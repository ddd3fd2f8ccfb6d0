using System.Text.Json;
using Slidebridge.Sdk.Json;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Sdk.Results;

/// <summary>Checks every rule of the platform's results schema. For each broken rule, it reports the position, the value found and the value expected.</summary>
public static class ResultsValidator
{
    /// <summary>Checks results in the form in which they would be posted.</summary>
    /// <param name="results">The results.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <returns>The broken rules, at most 100; none for a valid result.</returns>
    public static IReadOnlyList<ResultsProblem> Validate(TaskResults results, IReadOnlyCollection<string> scanIds) => Check(results, scanIds, out _);

    /// <summary>
    /// The JSON for the post, if the results break no rule. It is written once, and exactly the checked bytes are returned. Results of
    /// <see cref="ResultsJson.ParseValid"/> are returned as the bytes that were checked then, unless their values have been read since.
    /// </summary>
    /// <param name="results">The results.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <exception cref="InvalidResultsException">A rule is broken; the exception lists every problem.</exception>
    public static byte[] SerializeValid(TaskResults results, IReadOnlyCollection<string> scanIds) =>
        results.ValidFor(scanIds) ?? (Check(results, scanIds, out var json) is { Count: > 0 } problems ? throw new InvalidResultsException(problems) : json);

    static IReadOnlyList<ResultsProblem> Check(TaskResults results, IReadOnlyCollection<string> scanIds, out byte[] json)
    {
        bool finite;
        try
        {
            json = ResultsJson.Serialize(results, out finite);
        }
        catch (JsonException)
        {
            json = [];
            return [new ResultsProblem("$", "a free value that cannot be written", $"Unicode text, at most {ResultsJson.MaxDepth} levels deep")];
        }
        var problems = Validate(json, scanIds);
        return finite || problems.Count > 0 ? problems : [new ResultsProblem("$", "a free value that is not finite", "finite numbers, because JSON supports no others")];
    }

    /// <summary>Checks the JSON of results.</summary>
    /// <param name="json">JSON from any source; a byte order mark before it is ignored.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <param name="strictness">Which rules apply.</param>
    /// <returns>The broken rules, at most 100; none for a valid result.</returns>
    public static IReadOnlyList<ResultsProblem> Validate(ReadOnlyMemory<byte> json, IReadOnlyCollection<string> scanIds, ResultsStrictness strictness = ResultsStrictness.Bridge)
    {
        try
        {
            // Not through a document: a document of a large result needs many times the memory of its text.
            var text = JsonText.Read(ReceivedJson.ToUtf8(json), allowTwice: strictness is ResultsStrictness.Platform);
            var problems = new Problems(strictness) { AllIsUnicode = text.IsUnicode };
            ScanResultRules.Check(text.Root(problems), scanIds);
            // For members that no rule checks: members that the schema does not know are posted too.
            if (problems is { IsBridge: true, Found.Count: 0 } && !text.IsUnicode) problems.Add("$", "text that is not Unicode", "Unicode text everywhere");
            return problems.Found;
        }
        catch (RepeatedKeyException e)
        {
            return [new ResultsProblem(e.Path!, $"this key twice (the second at {e.Second})", "each key of an object once")];
        }
        catch (JsonException e)
        {
            return [new ResultsProblem("$", e.LineNumber is { } line ? $"invalid JSON at line {line + 1}, byte {e.BytePositionInLine + 1}" : e.Message, $"JSON of at most {ResultsJson.MaxDepth} levels, with keys that are Unicode text")];
        }
    }

    /// <summary>Checks received JSON that will be posted.</summary>
    /// <param name="json">The JSON. Afterwards, the JSON to post: UTF-8 without a byte order mark, with objects instead of empty lists where the schema requires objects.</param>
    /// <param name="scanIds">The task's scans.</param>
    internal static IReadOnlyList<ResultsProblem> ValidateReceived(ref ReadOnlyMemory<byte> json, IReadOnlyCollection<string> scanIds)
    {
        try
        {
            json = ReceivedJson.ToUtf8(json);
        }
        catch (JsonException)
        {
            return Validate(json, scanIds); // This reports the problem.
        }
        var problems = Validate(json, scanIds);
        if (problems.Count == 0 || EmptyLists.Replaced(json) is not { } replaced) return problems;
        json = replaced;
        return Validate(json, scanIds);
    }

    /// <summary>Checks parsed JSON.</summary>
    /// <param name="root">The whole JSON that would be posted.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <param name="strictness">Which rules apply.</param>
    /// <returns>The broken rules, at most 100; none for a valid result.</returns>
    public static IReadOnlyList<ResultsProblem> Validate(JsonElement root, IReadOnlyCollection<string> scanIds, ResultsStrictness strictness = ResultsStrictness.Bridge)
    {
        var problems = new Problems(strictness);
        ScanResultRules.Check(new Node(root, Place.Root, problems), scanIds);
        return problems.Found;
    }
}
