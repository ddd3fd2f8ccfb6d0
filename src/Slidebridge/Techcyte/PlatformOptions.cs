namespace Slidebridge.Techcyte;

/// <summary>The platform's address and the bridge's credentials.</summary>
/// <param name="Address">The base of every call, such as <c>https://api.app.techcyte.com</c>.</param>
/// <param name="ApiKeyId">The API key's id, or null: then only the tasks' own tokens are used.</param>
/// <param name="ApiKeySecret">The API key's secret.</param>
/// <param name="Timeout">Time limit of one call, from connecting to the answer's headers.</param>
sealed record PlatformOptions(Uri Address, string? ApiKeyId, string? ApiKeySecret, TimeSpan Timeout)
{
    /// <summary>The default ToString prints all members, and the secret must not be printed.</summary>
    public override string ToString() => $"platform at {Address.Host}";
}
