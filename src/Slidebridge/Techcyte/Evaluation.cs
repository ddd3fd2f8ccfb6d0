using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slidebridge.Techcyte;

/// <summary>
/// An element of the answer of <c>GET /external/case_evaluations/{task_id}</c>, with the only field that the bridge needs: the task that made the evaluation.
/// A person's evaluation has no task. The id is a number or a string.
/// </summary>
sealed record Evaluation([property: JsonPropertyName("task_id")] JsonElement TaskId)
{
    /// <summary>The task's number; null if no task made the evaluation.</summary>
    /// <exception cref="JsonException">The task id is in an unknown form, so the bridge cannot know whether the evaluation is its own.</exception>
    public long? Task => TaskId.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.Number or JsonValueKind.String when PlatformId.TryParse(TaskId.ToString(), "task", out var task) => task,
        _ => throw new JsonException("An evaluation's task_id has an unknown form."),
    };
}

[JsonSerializable(typeof(List<Evaluation>))]
sealed partial class EvaluationJsonContext : JsonSerializerContext;
