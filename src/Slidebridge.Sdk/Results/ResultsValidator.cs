using System.Text.Json;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Sdk.Results;

/// <summary>How strictly results are looked at.</summary>
public enum ResultsStrictness
{
    /// <summary>
    /// Also what the platform takes but nobody wants: a shape whose box it would store as zero, two results for one scan.
    /// The bridge posts nothing that breaks these.
    /// </summary>
    Bridge,

    /// <summary>What the platform refuses, and no more.</summary>
    Platform,
}

/// <summary>Knows every rule of the platform's results schema, and says of each broken one where, what was found and what is expected.</summary>
public static class ResultsValidator
{
    /// <summary>Checks results as they would be posted.</summary>
    /// <param name="results">The results.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <returns>The broken rules; none for a valid result. At most 100 are told.</returns>
    public static IReadOnlyList<ResultsProblem> Validate(TaskResults results, IReadOnlyCollection<string> scanIds)
    {
        byte[] json;
        try
        {
            json = ResultsJson.Serialize(results);
        }
        catch (ArgumentException)
        {
            return [new ResultsProblem("$", "a number that is not finite", "finite numbers: JSON has no others")];
        }
        return Validate(json, scanIds);
    }

    /// <summary>Checks the JSON of results.</summary>
    /// <param name="json">UTF-8 JSON, from anywhere.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <param name="strictness">How strictly.</param>
    /// <returns>The broken rules; none for a valid result. At most 100 are told.</returns>
    public static IReadOnlyList<ResultsProblem> Validate(ReadOnlyMemory<byte> json, IReadOnlyCollection<string> scanIds, ResultsStrictness strictness = ResultsStrictness.Bridge)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = ResultsJson.MaxDepth });
            return Validate(document.RootElement, scanIds, strictness);
        }
        catch (JsonException e)
        {
            return [new ResultsProblem("$", $"no valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", "JSON")];
        }
    }

    /// <summary>Checks parsed JSON.</summary>
    /// <param name="root">The whole of what would be posted.</param>
    /// <param name="scanIds">The task's scans.</param>
    /// <param name="strictness">How strictly.</param>
    /// <returns>The broken rules; none for a valid result. At most 100 are told.</returns>
    public static IReadOnlyList<ResultsProblem> Validate(JsonElement root, IReadOnlyCollection<string> scanIds, ResultsStrictness strictness = ResultsStrictness.Bridge)
    {
        var problems = new Problems(strictness);
        ScanResultRules.Check(new Node(root, "$", problems), scanIds);
        return problems.Found;
    }
}
