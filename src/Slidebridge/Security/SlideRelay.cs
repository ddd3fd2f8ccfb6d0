using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Slidebridge.Security;

/// <summary>The bridge through which a worker reads slides: the worker's token is sent there, and to no other server.</summary>
/// <param name="Bridge">The bridge's address.</param>
/// <param name="Token">The worker's token; null: the bridge is on this machine and trusts it.</param>
/// <param name="Headers">Further headers of the worker.</param>
/// <param name="Authorities">The certificate authorities to trust for the bridge; null: those that this machine trusts.</param>
sealed record SlideRelay(Uri Bridge, string? Token, IReadOnlyDictionary<string, string> Headers, X509Certificate2Collection? Authorities = null)
{
    public void Authorize(HttpRequestMessage request)
    {
        if (Uri.Compare(request.RequestUri, Bridge, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) != 0) return;
        if (Token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        foreach (var (name, value) in Headers) request.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>TLS for all slides' hosts: only the bridge may show a certificate of these authorities.</summary>
    public SslClientAuthenticationOptions Tls() => Authorities is null ? new() : new()
    {
        RemoteCertificateValidationCallback = (sender, certificate, _, errors) => errors is SslPolicyErrors.None || ((sender as SslStream)?.TargetHostName == Bridge.IdnHost && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) is SslPolicyErrors.None && IsOfAuthority(certificate)),
    };

    bool IsOfAuthority(X509Certificate? certificate)
    {
        if (certificate is not X509Certificate2 shown) return false;
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities!);
        return chain.Build(shown);
    }

    /// <summary>The default ToString prints the token.</summary>
    public override string ToString() => $"relay {Bridge.Authority}";
}
