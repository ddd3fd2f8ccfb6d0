namespace Slidebridge.Tasks;

/// <summary>
/// A further webhook for a task number that already has a row. It changes nothing until the platform has confirmed it: then it replaces the row's content, or gives the task fresh URLs.
/// Deleted once the platform has confirmed or refused it.
/// </summary>
sealed class TaskRequest
{
    public long Id { get; init; }

    public required long TaskNumber { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the bridge next asks the platform to confirm this webhook.</summary>
    public DateTimeOffset VerifyAt { get; set; }

    /// <summary>The webhook caller's address.</summary>
    public required string From { get; init; }

    /// <summary>The <see cref="TaskClaim"/>, encrypted.</summary>
    public required byte[] Claim { get; init; }
}
