using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Storage;

namespace Slidebridge.Tasks;

/// <summary>
/// What one webhook says about a task. It is only a claim until the platform has confirmed it: anybody who knows the webhook's address can send one.
/// docs/decisions/verification.md
/// </summary>
sealed record TaskClaim
{
    /// <summary>The platform's number of the task.</summary>
    public required long Number { get; init; }

    /// <summary>The task's id in the platform's own spelling.</summary>
    public required string PlatformId { get; init; }

    public long? CaseNumber { get; init; }

    public string? CompanyId { get; init; }

    public string? Model { get; init; }

    /// <summary>The execution group whose nodes classify it.</summary>
    public string Group { get; init; } = "default";

    /// <summary>The classifier that a route chose; null if none did.</summary>
    public string? Classifier { get; init; }

    /// <summary>When the first of the URLs expires; null if no URL says.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>See <see cref="BridgeTask.Turn"/>.</summary>
    public DateTimeOffset Turn { get; init; }

    /// <summary>The task's own access token; null if the webhook contained none.</summary>
    public string? Token { get; init; }

    /// <summary>The request's fields as JSON, without tokens and URLs.</summary>
    public string? Request { get; init; }

    public IReadOnlyList<ClaimedScan> Scans { get; init; } = [];

    /// <summary>A hash of the scans and of the objects that their URLs name. A result is valid only for the objects that it was made from.</summary>
    public string Objects { get; init; } = "";

    /// <summary>The W3C <c>traceparent</c> of the task's trace.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The part that is stored encrypted.</summary>
    [JsonIgnore]
    public TaskSecrets Secrets => new(Number, Token, Request, Scans.ToDictionary(s => s.ScanId, s => s.Urls));

    /// <summary>The default ToString prints all members, and this record holds tokens and presigned URLs.</summary>
    public override string ToString() => $"claim on task {Number}";
}

/// <param name="ScanId">The platform's scan id, decimal digits.</param>
/// <param name="Urls">Every URL of the scan; never empty.</param>
sealed record ClaimedScan(string ScanId, IReadOnlyList<string> Urls, string? StainValue, string? StainCode, string? StainLabel)
{
    public TaskScan ToScan() => new() { ScanId = ScanId, Urls = [.. Urls], StainValue = StainValue, StainCode = StainCode, StainLabel = StainLabel };
}

/// <summary>The secrets of a task: stored encrypted (<see cref="TaskVault"/>), and erased when the task has ended.</summary>
/// <param name="Task">The task's number, so that the secrets of one row cannot be put into another.</param>
/// <param name="Token">The task's own access token.</param>
/// <param name="Request">The request's fields as JSON, without tokens and URLs.</param>
/// <param name="Urls">Every URL, by scan id.</param>
sealed record TaskSecrets(long Task, string? Token, string? Request, IReadOnlyDictionary<string, IReadOnlyList<string>> Urls)
{
    /// <summary>The default ToString prints all members, and this record holds tokens and presigned URLs.</summary>
    public override string ToString() => $"secrets of task {Task}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TaskClaim))]
[JsonSerializable(typeof(TaskSecrets))]
sealed partial class TaskClaimJson : JsonSerializerContext
{
    /// <summary>Escapes only the characters that JSON requires: with the default encoder, a text of <c>&lt;</c> grows to six times its size.</summary>
    public static TaskClaimJson Compact => compact ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    static TaskClaimJson? compact;
}
