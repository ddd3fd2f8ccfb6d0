namespace Slidebridge.Techcyte;

/// <summary>
/// The tokens for requests about one task, in the order in which they are tried: the task's own, unless it is absent or expired;
/// the API key's; the API key's after one renewal.
/// </summary>
sealed class TaskAuthorization(string? taskToken, ApiKeyTokens apiKey, TimeProvider time)
{
    int keyTokensLeft = 2;
    string? own = taskToken;

    /// <summary>Whether the API key's token was requested.</summary>
    public bool KeyWasTried { get; private set; }

    /// <summary>The next token to try.</summary>
    /// <exception cref="PlatformException">There is none, or fetching one failed.</exception>
    public async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        if (own is not null && AccessToken.Expiry(own) is { } expiry && expiry <= time.GetUtcNow()) own = null;
        if (own is not null) return own;
        KeyWasTried = true;
        return await apiKey.GetAsync(cancellationToken);
    }

    /// <summary>The platform refused <paramref name="token"/>; false if there is no other token to try.</summary>
    public bool TryNext(string token)
    {
        if (own == token)
        {
            own = null;
            return apiKey.Available;
        }
        apiKey.Forget(token);
        return --keyTokensLeft > 0;
    }

    /// <summary>Whether <paramref name="token"/> is the task's own.</summary>
    public bool IsOwn(string token) => own == token;
}
