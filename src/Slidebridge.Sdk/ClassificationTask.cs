using System.Text.Json.Nodes;

namespace Slidebridge.Sdk;

/// <summary>An AI request of the platform: the scans of one case, which are classified together and answered in one post.</summary>
public sealed record ClassificationTask
{
    /// <summary>The task's number, as in <c>task:185714</c>.</summary>
    public required long TaskId { get; init; }

    /// <summary>The case's number, or null if the request contains none.</summary>
    public long? CaseId { get; init; }

    /// <summary>The laboratory's id on the platform, or null.</summary>
    public string? CompanyId { get; init; }

    /// <summary>The model that is configured on the platform (<c>model_id</c> or <c>model_name</c> of the request), or null.</summary>
    public string? Model { get; init; }

    /// <summary>The scans in the request's order; never empty.</summary>
    public required IReadOnlyList<Scan> Scans { get; init; }

    /// <summary>The settings for this classifier from the bridge's configuration (<c>settings</c> of its entry and of the route that chose it), or null.</summary>
    public JsonObject? Settings { get; init; }

    /// <summary>The request as received, including unknown fields, without tokens; null if there was none.</summary>
    public JsonObject? Request { get; init; }
}
