namespace Slidebridge.Webhook;

/// <param name="Keys">The shared secrets; the webhook's URL must end in one of them. Two while one replaces the other. None: <c>/webhook</c> accepts every caller.</param>
/// <param name="AllowsTokenless">Tasks without a token are accepted from every machine, not only from this one.</param>
/// <param name="KeepsUnknownFields">Fields that the bridge does not know are stored with the request.</param>
sealed record WebhookOptions(IReadOnlyList<string> Keys, bool AllowsTokenless, bool KeepsUnknownFields)
{
    /// <summary>The default ToString prints all members, and the keys must not be printed.</summary>
    public override string ToString() => Keys.Count == 0 ? "open" : "with a key";
}
