using System.Security.Authentication;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Explains why a server's TLS certificate was not accepted. .NET's own message is "The SSL connection could not be established, see inner exception", and its inner exception lists
/// flags of <see cref="System.Security.Cryptography.X509Certificates.X509ChainStatusFlags"/>.
/// </summary>
public static class CertificateFailure
{
    /// <summary>.NET's flags and their meanings, in the order of the message.</summary>
    static readonly (string Flag, string What)[] Meanings =
    [
        ("UntrustedRoot", "is self-signed, or signed by an authority that this machine does not trust"),
        ("PartialChain", "is signed by an authority that this machine does not know"),
        ("NotTimeValid", "has expired or is not valid yet"),
        ("NameMismatch", "is for another host name"),
        ("Revoked", "was revoked"),
        ("NotAvailable", "was not sent"),
    ];

    /// <summary>Explains a certificate that cannot be accepted: a retry is useless until somebody repairs it.</summary>
    /// <param name="failure">The exception of an HTTP call.</param>
    /// <param name="trust">What to do if only the authority is not trusted, but should be.</param>
    /// <returns>A clause without a full stop, such as "its TLS certificate has expired or is not valid yet", with what to do; null if the call failed for another reason.</returns>
    public static string? Of(Exception failure, string trust = "set SSL_CERT_FILE to a PEM file with its certificate")
    {
        for (var e = failure; e is not null; e = e.InnerException)
            if (e is AuthenticationException refused) return Clause(refused.Message, trust);
        return null;
    }

    static string Clause(string message, string trust)
    {
        var found = Meanings.Where(m => message.Contains(m.Flag, StringComparison.Ordinal)).ToList();
        if (found.Count == 0) return message.Contains("certificate", StringComparison.OrdinalIgnoreCase) ? "its TLS certificate is not valid" : "the TLS handshake with it failed";
        var told = $"its TLS certificate {string.Join(", and ", found.Select(f => f.What))}";
        return found.Any(f => f.Flag is "UntrustedRoot" or "PartialChain")
            ? $"{told}; if you trust that authority, {trust}" : told;
    }
}
