using System.Runtime.InteropServices;
using System.Text.Json;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Results as programs give them: JSON in the platform's schema.</summary>
static class ProgramResults
{
    /// <exception cref="InvalidResultsException">A rule of the platform is broken; every problem is told with its JSON path.</exception>
    public static TaskResults Of(JsonElement json, ClassificationTask task) => Of(JsonMarshal.GetRawUtf8Value(json).ToArray(), task);

    /// <inheritdoc cref="Of(JsonElement, ClassificationTask)"/>
    public static TaskResults Of(ReadOnlyMemory<byte> json, ClassificationTask task) =>
        ResultsValidator.Validate(json, [.. task.Scans.Select(s => s.Id)]) is { Count: > 0 } problems ? throw new InvalidResultsException(problems) : ResultsJson.Parse(json.Span);
}
