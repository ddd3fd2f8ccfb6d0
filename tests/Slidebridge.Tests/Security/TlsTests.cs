using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Security;

/// <summary>HTTPS by the bridge itself, over real connections.</summary>
public sealed class TlsTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly X509Certificate2 authority;

    public TlsTests()
    {
        var request = new CertificateRequest("CN=Authority of the test", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_renewed_certificate_is_used_under_load_without_a_failed_request()
    {
        await WriteAsync(Make("CN=first"));
        await using var bridge = await StartAsync();
        var renewed = new TaskCompletionSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var calls = Enumerable.Range(0, 8).Select(async n =>
        {
            var done = 0;
            using var kept = Client();
            while (!stop.IsCancellationRequested)
            {
                // Every other caller opens a connection for each request.
                using var fresh = n % 2 == 0 ? null : Client(subject => { if (subject == "CN=second") renewed.TrySetResult(); });
                using var response = await (fresh ?? kept).GetAsync(new Uri(bridge.Address, "/health/ready"), Token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                done++;
            }
            return done;
        }).ToList();

        // A certificate without its key yet, half a file, and then the pair.
        var (certificate, key) = Make("CN=second");
        await File.WriteAllTextAsync(folder.File("tls.crt"), certificate[..(certificate.Length / 2)], Token);
        await Task.Delay(1200, Token);
        await File.WriteAllTextAsync(folder.File("tls.crt"), certificate, Token);
        await Task.Delay(1200, Token);
        await File.WriteAllTextAsync(folder.File("tls.key"), key, Token);
        await renewed.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await stop.CancelAsync();

        Assert.All(await Task.WhenAll(calls), done => Assert.True(done > 0));
    }

    [Theory]
    [InlineData(SslProtocols.Tls13)]
    [InlineData(SslProtocols.Tls12)]
    public async Task Both_versions_of_TLS_work_and_answers_bind_browsers_to_HTTPS(SslProtocols protocol)
    {
        await WriteAsync(Make("CN=bridge"));
        await using var bridge = await StartAsync();
        using var http = Client(protocol: protocol);

        using var response = await http.GetAsync(new Uri(bridge.Address, "/health/live"), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("max-age=31536000; includeSubDomains", response.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Fact]
    public async Task Plain_HTTP_gets_no_answer()
    {
        await WriteAsync(Make("CN=bridge"));
        await using var bridge = await StartAsync();
        using var plain = new HttpClient();

        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new UriBuilder(bridge.Address) { Scheme = "http" }.Uri, Token));
    }

    [Fact]
    public async Task A_PFX_with_a_password_works_and_a_wrong_file_is_named_at_the_start()
    {
        var (certificate, key) = Make("CN=bridge");
        using (var pair = X509Certificate2.CreateFromPem(certificate, key)) await File.WriteAllBytesAsync(folder.File("tls.pfx"), pair.Export(X509ContentType.Pkcs12, "a password"), Token);
        await using (var bridge = await TestBridge.StartAsync([(ServeSettings.TlsCert, folder.File("tls.pfx")), (ServeSettings.TlsPassword, "a password")]))
        {
            using var http = Client();
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(bridge.Address, "/health/live"), Token)).StatusCode);
        }

        await File.WriteAllTextAsync(folder.File("tls.crt"), "no certificate", Token);
        await File.WriteAllTextAsync(folder.File("tls.key"), key, Token);
        foreach (var (setting, file) in ((Setting, string)[])[(ServeSettings.TlsCert, "tls.pfx"), (ServeSettings.TlsCert, "tls.crt"), (ServeSettings.TlsCert, "missing.pem")])
        {
            var failure = await Assert.ThrowsAsync<IOException>(() => TestBridge.StartAsync([(setting, folder.File(file))]));
            Assert.Contains("--tls-cert", failure.Message, StringComparison.Ordinal);
            Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        }
    }

    Task<TestBridge> StartAsync() => TestBridge.StartAsync([(ServeSettings.TlsCert, folder.File("tls.crt")), (ServeSettings.TlsKey, folder.File("tls.key"))]);

    /// <summary>A client that trusts the test's authority.</summary>
    HttpClient Client(Action<string>? seen = null, SslProtocols protocol = SslProtocols.None) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = protocol,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                seen?.Invoke(certificate!.Subject);
                using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
                chain.ChainPolicy.CustomTrustStore.Add(authority);
                return !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && chain.Build((X509Certificate2)certificate!);
            },
        },
    })
    { Timeout = TimeSpan.FromSeconds(20) };

    async Task WriteAsync((string Certificate, string Key) pair)
    {
        await File.WriteAllTextAsync(folder.File("tls.crt"), pair.Certificate, Token);
        await File.WriteAllTextAsync(folder.File("tls.key"), pair.Key, Token);
    }

    (string Certificate, string Key) Make(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        authority.Dispose();
        authorityKey.Dispose();
        folder.Dispose();
    }
}
