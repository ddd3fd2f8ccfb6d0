namespace Slidebridge.Techcyte;

/// <summary>Where the platform is and how the bridge shows itself to it.</summary>
/// <param name="Address">The base of every call, such as <c>https://api.app.techcyte.com</c>.</param>
/// <param name="ApiKeyId">The API key's id, or null: then only the tasks' own tokens are used.</param>
/// <param name="ApiKeySecret">Its secret.</param>
/// <param name="Timeout">How long one call may take, from connecting to the answer's headers.</param>
sealed record PlatformOptions(Uri Address, string? ApiKeyId, string? ApiKeySecret, TimeSpan Timeout)
{
    /// <summary>Records print their members: the secret is not one to print.</summary>
    public override string ToString() => $"platform at {Address.Host}";
}
