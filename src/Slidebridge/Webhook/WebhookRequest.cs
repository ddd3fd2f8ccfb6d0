using Slidebridge.Sdk;

namespace Slidebridge.Webhook;

/// <summary>A valid webhook request.</summary>
sealed record WebhookRequest
{
    /// <summary>The task's id in the platform's own spelling.</summary>
    public required string TaskId { get; init; }

    /// <summary>The task's number.</summary>
    public required long TaskNumber { get; init; }

    public long? CaseNumber { get; init; }

    public string? CompanyId { get; init; }

    public string? Model { get; init; }

    /// <summary>The task's own access token, or null.</summary>
    public string? Token { get; init; }

    /// <summary>Never empty.</summary>
    public required IReadOnlyList<RequestedScan> Scans { get; init; }

    /// <summary>The request's JSON without its tokens and URLs.</summary>
    public required string Json { get; init; }

    /// <summary>The default ToString prints all members, and this record holds tokens and presigned URLs.</summary>
    public override string ToString() => $"request for task {TaskNumber}";
}

/// <param name="Id">Decimal digits.</param>
/// <param name="Urls">Every URL of the scan, the one of the request's <c>scans</c> first; never empty.</param>
/// <param name="Stain">Null if the request names none.</param>
sealed record RequestedScan(string Id, IReadOnlyList<string> Urls, Stain? Stain);

/// <summary>A webhook request that cannot be accepted: which field, and why.</summary>
/// <param name="field">The field's JSON path, such as <c>$.scans</c>.</param>
/// <param name="why">What was found and what is expected.</param>
sealed class WebhookRequestException(string field, string why) : Exception($"{field}: {why}")
{
    public string Field { get; } = field;
}
