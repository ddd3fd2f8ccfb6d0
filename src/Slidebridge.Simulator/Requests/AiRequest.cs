using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Simulator.Requests;

/// <summary>An AI request for chosen slides, as a pathologist makes it on the platform.</summary>
/// <remarks>Its members have setters, not <c>init</c>: the generated reader of JSON would leave out their defaults.</remarks>
public sealed record AiRequest
{
    /// <summary>The slides' names: paths inside the slides' folder. All are scans of one task.</summary>
    [JsonPropertyName("slides")]
    public required IReadOnlyList<string> Slides { get; set; }

    /// <summary>The webhook to call; empty: none is called, and the debug note is the answer.</summary>
    [JsonPropertyName("webhook")]
    public string Webhook { get; set; } = "";

    /// <summary>The model's name.</summary>
    [JsonPropertyName("model")]
    public string Model { get; set; } = "model";

    /// <summary>The laboratory's id.</summary>
    [JsonPropertyName("company_id")]
    public string Company { get; set; } = "7";

    /// <summary>The stain's value of every scan, or null: none is named.</summary>
    [JsonPropertyName("stain")]
    public string? Stain { get; set; } = "HE";

    /// <summary>The number of an earlier task's case that the tasks are asked for too; null: each has a case of its own.</summary>
    [JsonPropertyName("case")]
    public long? Case { get; set; }

    /// <summary>How many such tasks are made.</summary>
    [JsonPropertyName("count")]
    public int Count { get; set; } = 1;

    /// <summary>Webhook calls at a time.</summary>
    [JsonPropertyName("connections")]
    public int Connections { get; set; } = 32;

    /// <summary>Seconds for which the slides' URLs are good; null: as long as the stand-in is set up for.</summary>
    [JsonPropertyName("expires_in")]
    public double? ExpiresIn { get; set; }

    /// <summary>Whether the task brings a token of its own.</summary>
    [JsonPropertyName("include_token")]
    public bool IncludeToken { get; set; } = true;

    /// <summary>Whether <c>scan_urls</c> is sent beside <c>scans</c>.</summary>
    [JsonPropertyName("include_scan_urls")]
    public bool IncludeScanUrls { get; set; } = true;

    /// <summary>Further members of the webhook's body, or null.</summary>
    [JsonPropertyName("extra")]
    public JsonObject? Extra { get; set; }
}

/// <summary>An AI request cannot be made; the message says why.</summary>
public sealed class AiRequestException(string message) : Exception(message);
