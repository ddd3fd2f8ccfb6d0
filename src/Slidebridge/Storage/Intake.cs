using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>What became of a webhook.</summary>
enum Intake
{
    /// <summary>The first of its number: its task is stored, and waits to be verified.</summary>
    Stored,

    /// <summary>Its number has a row already, of other slides or with another token: it is stored beside it, and waits to be verified.</summary>
    StoredBeside,

    /// <summary>It says what is known already, or its task has ended: recorded as an event, and nothing else.</summary>
    Known,
}

/// <summary>A claim that the platform is to be asked about.</summary>
/// <param name="Number">The task.</param>
/// <param name="Request">The <see cref="TaskRequest"/>; null: the claim in the task's row.</param>
/// <param name="PlatformId">The task's id, as the platform writes it.</param>
/// <param name="Token">The task's own token; null: the API key is asked.</param>
/// <param name="Since">When the webhook came.</param>
/// <param name="From">Where it came from.</param>
sealed record PendingCheck(long Number, long? Request, string PlatformId, string? Token, DateTimeOffset Since, string From)
{
    /// <summary>The platform has refused it once.</summary>
    public bool WasRefused { get; init; }

    /// <summary>Records print their members: this one holds a token.</summary>
    public override string ToString() => $"check of task {Number}";
}
