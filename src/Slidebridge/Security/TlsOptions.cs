using System.Security.Cryptography.X509Certificates;

namespace Slidebridge.Security;

/// <param name="Certificate">The file of the server's certificate: PEM with its intermediates, or PFX; null: plain HTTP.</param>
/// <param name="Key">The PEM file of its private key; null: in the same file.</param>
/// <param name="Password">The password of the PFX or of the key; null: none.</param>
/// <param name="IsBehindProxy">A proxy in front of the bridge does TLS.</param>
/// <param name="ClientAuthorities">The authorities whose client certificates the bridge asks for; null: it asks for none.</param>
sealed record TlsOptions(string? Certificate, string? Key, string? Password, bool IsBehindProxy, X509Certificate2Collection? ClientAuthorities = null)
{
    /// <summary>Callers come by HTTPS, to the bridge or to its proxy.</summary>
    public bool IsSecure => Certificate is not null || IsBehindProxy;

    /// <summary>The default ToString prints all members, and the password must not be printed.</summary>
    public override string ToString() => Certificate ?? (IsBehindProxy ? "behind a proxy" : "plain HTTP");
}
