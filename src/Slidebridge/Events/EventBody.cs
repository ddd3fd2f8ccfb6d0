using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Tasks;

namespace Slidebridge.Events;

/// <summary>What is sent, in the shape that Standard Webhooks recommends. Contains nothing about a patient, a slide, a case or a company, and no URL: docs/events.md lists each field.</summary>
/// <param name="Type">One of <see cref="EventTypes"/>.</param>
/// <param name="Timestamp">When it happened; the same in every attempt.</param>
/// <param name="Data">What happened.</param>
sealed record EventBody<T>(string Type, DateTimeOffset Timestamp, T Data);

/// <summary>The data of an event of a task.</summary>
sealed record TaskEventData
{
    /// <summary>The platform's number of the task.</summary>
    public required long Task { get; init; }

    /// <summary>The state after the event.</summary>
    public required TaskState State { get; init; }

    /// <summary>The platform's id or name of the model that the task asks for.</summary>
    public string? Model { get; init; }

    /// <summary>The classifier that the task's route chose, without folders, arguments and hosts.</summary>
    public string? Classifier { get; init; }

    /// <summary>The execution group.</summary>
    public required string Group { get; init; }

    /// <summary>The number of scans.</summary>
    public required int Scans { get; init; }

    /// <summary>How often a classifier was started on the task.</summary>
    public required int Attempts { get; init; }

    /// <summary>How often a post of its result was started.</summary>
    public required int Posts { get; init; }

    /// <summary>When the webhook was received.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When the platform confirmed the task.</summary>
    public required DateTimeOffset VerifiedAt { get; init; }

    /// <summary>Until when the result waits for an operator; only while it is held.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Seconds that classifiers worked on the task, in all attempts.</summary>
    public required double ClassifierSeconds { get; init; }

    /// <summary>Why the task failed: one of the bridge's fixed sentences, without names and values.</summary>
    public string? Reason { get; init; }
}

/// <summary>The data of <see cref="EventTypes.FleetNeeded"/>.</summary>
/// <param name="Group">The execution group whose tasks wait.</param>
/// <param name="Waiting">How many wait.</param>
sealed record FleetEventData(string Group, int Waiting);

/// <summary>The types of events.</summary>
static class EventTypes
{
    /// <summary>The platform has confirmed the task, or an ended task restarts.</summary>
    public const string Accepted = "task.accepted";

    /// <summary>The result waits for an operator.</summary>
    public const string Held = "task.held";

    /// <summary>The result is on the platform.</summary>
    public const string Completed = "task.completed";

    public const string Failed = "task.failed";

    /// <summary>An operator ended the task.</summary>
    public const string Cancelled = "task.cancelled";

    /// <summary>Tasks of a group wait, and no node runs them.</summary>
    public const string FleetNeeded = "fleet.needed";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventBody<TaskEventData>))]
[JsonSerializable(typeof(EventBody<FleetEventData>))]
sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>Writes a model's name as its letters, not as escapes.</summary>
    public static EventJson Plain => plain ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    static EventJson? plain;
}
