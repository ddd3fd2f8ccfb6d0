using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Slidebridge.Tests.Support;

/// <summary>An https server on loopback with a certificate of the test's own, which no machine trusts. It answers every request with an empty list.</summary>
sealed class TlsServer : IAsyncDisposable
{
    readonly WebApplication app;
    readonly X509Certificate2 certificate;

    TlsServer(X509Certificate2 certificate)
    {
        this.certificate = certificate;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        app = builder.Build();
        app.Run(context => context.Response.WriteAsync("""{"total": 0, "offset": 0, "limit": 20, "tasks": []}"""));
    }

    /// <param name="host">The address or name that the certificate is for.</param>
    /// <param name="expired">Its time is over.</param>
    public static async Task<TlsServer> StartAsync(string host = "127.0.0.1", bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-30), expired ? now.AddDays(-1) : now.AddDays(30));
        var server = new TlsServer(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null));
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public Uri Address => new(app.Urls.Single());

    /// <summary>The certificate as a file that <c>--tls-ca</c> takes.</summary>
    public string Pem => certificate.ExportCertificatePem();

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
    }
}
