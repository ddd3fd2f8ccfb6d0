namespace Slidebridge.Tasks;

/// <summary>
/// A further webhook for a number that has a row already. It changes nothing until it is verified: then it replaces what the row says, or gives it fresh URLs.
/// Deleted when it is decided.
/// </summary>
sealed class TaskRequest
{
    public long Id { get; init; }

    public required long TaskNumber { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the platform is asked about it next.</summary>
    public DateTimeOffset VerifyAt { get; set; }

    /// <summary>Where the webhook came from.</summary>
    public required string From { get; init; }

    /// <summary>The <see cref="TaskClaim"/>, encrypted.</summary>
    public required byte[] Claim { get; init; }
}
