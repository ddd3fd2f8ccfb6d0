namespace Slidebridge.Tasks;

/// <summary>One webhook call, as it is recorded with its task.</summary>
/// <param name="From">The caller's address; behind trusted proxies, the one that they report.</param>
/// <param name="Bytes">The body's size.</param>
/// <param name="BodyHash">The body's SHA-256 in hexadecimal.</param>
sealed record WebhookCall(string From, int Bytes, string BodyHash);
