using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>What happened to a webhook.</summary>
enum Intake
{
    /// <summary>The first webhook for its task number: the task is stored, and waits to be verified.</summary>
    Stored,

    /// <summary>The number already has a row, with other slides or another token: the webhook is stored beside the row, and waits to be verified.</summary>
    StoredBeside,

    /// <summary>The webhook contains nothing new, or its task has ended: only an event is recorded.</summary>
    Known,
}

/// <summary>A claim that the bridge must ask the platform about.</summary>
/// <param name="Number">The task.</param>
/// <param name="Request">The <see cref="TaskRequest"/>; null: the claim in the task's row.</param>
/// <param name="PlatformId">The task's id, as the platform writes it.</param>
/// <param name="Token">The task's own token; null: the bridge asks with the API key.</param>
/// <param name="Since">When the webhook was received.</param>
/// <param name="From">The webhook caller's address.</param>
sealed record PendingCheck(long Number, long? Request, string PlatformId, string? Token, DateTimeOffset Since, string From)
{
    /// <summary>The platform has already refused the claim once.</summary>
    public bool WasRefused { get; init; }

    /// <summary>The default ToString prints all members, and this record holds a token.</summary>
    public override string ToString() => $"check of task {Number}";
}
