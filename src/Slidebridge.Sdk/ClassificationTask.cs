using System.Text.Json.Nodes;

namespace Slidebridge.Sdk;

/// <summary>What the platform asks for: one case's scans, to be classified together and answered in one post.</summary>
public sealed record ClassificationTask
{
    /// <summary>The task's number, as in <c>task:185714</c>.</summary>
    public required long TaskId { get; init; }

    /// <summary>The case's number, or null where the request named none.</summary>
    public long? CaseId { get; init; }

    /// <summary>The laboratory's id on the platform, or null.</summary>
    public string? CompanyId { get; init; }

    /// <summary>The model that the platform was told to ask for (<c>model_id</c> or <c>model_name</c>), or null.</summary>
    public string? Model { get; init; }

    /// <summary>The scans, never empty, in the request's order.</summary>
    public required IReadOnlyList<Scan> Scans { get; init; }

    /// <summary>What the bridge's configuration sets for this classifier (<c>settings</c> of its entry and of the route that chose it), or null.</summary>
    public JsonObject? Settings { get; init; }

    /// <summary>The request as it came, unknown fields included, without tokens; null where there was none.</summary>
    public JsonObject? Request { get; init; }
}
