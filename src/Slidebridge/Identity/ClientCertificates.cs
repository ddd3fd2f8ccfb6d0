using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Certificate;
using Slidebridge.Security;

namespace Slidebridge.Identity;

/// <summary>Client certificates, by ASP.NET Core's own handler: it checks the chain, the time and that the certificate is for clients. The common name says who it is, and the settings what that name may do.</summary>
static class ClientCertificates
{
    /// <summary>The authentication scheme.</summary>
    public const string Scheme = CertificateAuthenticationDefaults.AuthenticationScheme;

    public static AuthenticationBuilder AddClientCertificates(this AuthenticationBuilder authentication, ClientCertificateOptions options) => authentication
        .AddCertificate(certificate =>
        {
            (certificate.AllowedCertificateTypes, certificate.ChainTrustValidationMode) = (CertificateTypes.Chained, X509ChainTrustMode.CustomRootTrust);
            certificate.CustomTrustStore = options.Authorities;
            // A lost certificate is revoked by its name in the settings: asking an authority would make each call depend on it.
            certificate.RevocationMode = X509RevocationMode.NoCheck;
            certificate.ValidateValidityPeriod = true;
            certificate.ValidateCertificateUse = true;
            certificate.Events = new CertificateAuthenticationEvents
            {
                OnCertificateValidated = context =>
                {
                    var name = context.ClientCertificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
                    if (options.Names.FirstOrDefault(known => known.Name == name) is not { } known) context.Fail($"the client certificate of {PlainText.Line(name)} has no role");
                    else
                    {
                        context.Principal = Callers.Principal(new Caller($"{name} by certificate", known.Role, known.Companies, null), context.Scheme.Name);
                        context.Success();
                    }
                    return Task.CompletedTask;
                },
            };
        })
        .AddCertificateCache();
}
