namespace Slidebridge.Webhook;

/// <param name="Keys">The shared secrets, one of which the webhook's URL must end in; two while one takes the other's place. None: <c>/webhook</c> is open to whoever reaches it.</param>
/// <param name="AllowsTokenless">Tasks without a token are taken from everywhere, not from this machine alone.</param>
/// <param name="KeepsUnknownFields">Fields that are not known are kept with the request.</param>
sealed record WebhookOptions(IReadOnlyList<string> Keys, bool AllowsTokenless, bool KeepsUnknownFields)
{
    /// <summary>Records print their members: the keys are not to be printed.</summary>
    public override string ToString() => Keys.Count == 0 ? "open" : "with a key";
}
