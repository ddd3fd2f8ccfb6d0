using System.Text.Json.Serialization;

namespace Slidebridge.Tasks;

/// <summary>How it is known that a task is the platform's.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskProof>))]
enum TaskProof
{
    /// <summary>The platform accepted the task's own token for this very task.</summary>
    [JsonStringEnumMemberName("token")] Token,

    /// <summary>The webhook brought no token and came from a place that may send such; the platform has the task, it said to the API key.</summary>
    [JsonStringEnumMemberName("key")] Key,
}
