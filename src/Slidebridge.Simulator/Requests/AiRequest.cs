using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Simulator.Requests;

/// <summary>An AI request for chosen slides, like a pathologist's on the platform.</summary>
/// <remarks>Its members have setters, not <c>init</c>: the generated JSON reader would ignore their defaults.</remarks>
public sealed record AiRequest
{
    /// <summary>The slides' names: paths in the slides' folder. All are scans of one task.</summary>
    [JsonPropertyName("slides")]
    public required IReadOnlyList<string> Slides { get; set; }

    /// <summary>The webhook to call. Empty: no webhook is called, and the answer is the debug note.</summary>
    [JsonPropertyName("webhook")]
    public string Webhook { get; set; } = "";

    /// <summary>The model's name.</summary>
    [JsonPropertyName("model")]
    public string Model { get; set; } = "model";

    /// <summary>The laboratory's id.</summary>
    [JsonPropertyName("company_id")]
    public string Company { get; set; } = "7";

    /// <summary>The stain's value for every scan; null: the request contains no stain.</summary>
    [JsonPropertyName("stain")]
    public string? Stain { get; set; } = "HE";

    /// <summary>The stains of slides that have another one than <see cref="Stain"/>, by the slide's name; null: none has.</summary>
    [JsonPropertyName("stains")]
    public IReadOnlyDictionary<string, string>? Stains { get; set; }

    /// <summary>The number of an earlier task's case, to request the tasks for the same case; null: each task gets a new case.</summary>
    [JsonPropertyName("case")]
    public long? Case { get; set; }

    /// <summary>The number of tasks to create.</summary>
    [JsonPropertyName("count")]
    public int Count { get; set; } = 1;

    /// <summary>Maximum webhook calls at the same time.</summary>
    [JsonPropertyName("connections")]
    public int Connections { get; set; } = 32;

    /// <summary>The lifetime of the slides' URLs in seconds; null: the simulator's default.</summary>
    [JsonPropertyName("expires_in")]
    public double? ExpiresIn { get; set; }

    /// <summary>Whether the request contains a task token.</summary>
    [JsonPropertyName("include_token")]
    public bool IncludeToken { get; set; } = true;

    /// <summary>Whether <c>scan_urls</c> is sent in addition to <c>scans</c>.</summary>
    [JsonPropertyName("include_scan_urls")]
    public bool IncludeScanUrls { get; set; } = true;

    /// <summary>Further members of the webhook's body, or null.</summary>
    [JsonPropertyName("extra")]
    public JsonObject? Extra { get; set; }
}

/// <summary>An AI request cannot be created; the message contains the reason.</summary>
public sealed class AiRequestException(string message) : Exception(message);
