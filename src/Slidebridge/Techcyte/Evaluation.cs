using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slidebridge.Techcyte;

/// <summary>
/// An element of the answer of <c>GET /external/case_evaluations/{task_id}</c>, as far as the bridge needs it: which task made it.
/// A person's evaluation has none. The id comes as a number or a string.
/// </summary>
sealed record Evaluation([property: JsonPropertyName("task_id")] JsonElement TaskId)
{
    /// <summary>The task's number; null where no task made it.</summary>
    /// <exception cref="JsonException">It names its task in a way that is not known: whether it is ours cannot be told.</exception>
    public long? Task => TaskId.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.Number or JsonValueKind.String when PlatformId.TryParse(TaskId.ToString(), "task", out var task) => task,
        _ => throw new JsonException("An evaluation names its task in a way that is not known."),
    };
}

[JsonSerializable(typeof(List<Evaluation>))]
sealed partial class EvaluationJsonContext : JsonSerializerContext;
