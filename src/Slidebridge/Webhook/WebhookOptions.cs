namespace Slidebridge.Webhook;

/// <param name="Key">The shared secret in the webhook's URL, or null: then <c>/webhook</c> is open to whoever reaches it.</param>
sealed record WebhookOptions(string? Key)
{
    /// <summary>Records print their members: the key is not one to print.</summary>
    public override string ToString() => Key is null ? "open" : "with a key";
}
