using System.Text.Json.Serialization;

namespace Slidebridge.Tasks;

/// <summary>How the platform confirmed a task.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskProof>))]
enum TaskProof
{
    /// <summary>The platform accepted the task's own token for this task.</summary>
    [JsonStringEnumMemberName("token")] Token,

    /// <summary>The webhook had no token and came from an address that may send such webhooks; asked with the API key, the platform knows the task.</summary>
    [JsonStringEnumMemberName("key")] Key,
}
