using System.Security.Cryptography.X509Certificates;

namespace Slidebridge.Identity;

/// <summary>Callers of the API that show a certificate.</summary>
/// <param name="Authorities">The authorities that issue them.</param>
/// <param name="Names">Which common names may do what.</param>
sealed record ClientCertificateOptions(X509Certificate2Collection Authorities, IReadOnlyList<NamedRole> Names);
