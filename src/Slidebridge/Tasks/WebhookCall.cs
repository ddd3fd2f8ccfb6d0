namespace Slidebridge.Tasks;

/// <summary>One call of the webhook, as it is recorded with its task.</summary>
/// <param name="From">The caller's address, through trusted proxies.</param>
/// <param name="Bytes">The body's size.</param>
/// <param name="BodyHash">The body's SHA-256 in hexadecimal.</param>
sealed record WebhookCall(string From, int Bytes, string BodyHash);
