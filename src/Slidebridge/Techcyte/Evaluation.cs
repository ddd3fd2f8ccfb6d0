using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slidebridge.Techcyte;

/// <summary>One evaluation of a case, as far as the bridge needs it: which task made it, and of which scan.</summary>
/// <param name="Task">The number of the task whose results made it.</param>
/// <param name="Scan">The scan's id.</param>
readonly record struct Evaluation(long Task, string Scan);

/// <summary>An element of the answer of <c>GET /external/case_evaluations/{task_id}</c>; ids come as numbers or strings.</summary>
sealed record EvaluationJson(
    [property: JsonPropertyName("sample_id")] JsonElement SampleId,
    [property: JsonPropertyName("task_id")] JsonElement TaskId)
{
    public Evaluation? ToEvaluation() =>
        PlatformId.TryParse(Text(TaskId), "task", out var task) && Text(SampleId) is { } scan ? new Evaluation(task, scan) : null;

    static string? Text(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => id.GetString(),
        JsonValueKind.Number => id.GetRawText(),
        _ => null,
    };
}

[JsonSerializable(typeof(List<EvaluationJson>))]
sealed partial class EvaluationJsonContext : JsonSerializerContext;
