using System.Net.Http.Headers;

namespace Slidebridge.Security;

/// <summary>The bridge through which a worker reads slides: the worker's token is sent there, and to no other server.</summary>
/// <param name="Bridge">The bridge's address.</param>
/// <param name="Token">The worker's token; null: the bridge is on this machine and trusts it.</param>
/// <param name="Headers">Further headers of the worker.</param>
sealed record SlideRelay(Uri Bridge, string? Token, IReadOnlyDictionary<string, string> Headers)
{
    public void Authorize(HttpRequestMessage request)
    {
        if (Uri.Compare(request.RequestUri, Bridge, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) != 0) return;
        if (Token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        foreach (var (name, value) in Headers) request.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>The default ToString prints the token.</summary>
    public override string ToString() => $"relay {Bridge.Authority}";
}
