using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Slidebridge.Commands;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Tests.Commands;
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
        authority = AuthorityOf("CN=Authority of the test", authorityKey);
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

    [Fact]
    public async Task A_client_certificate_says_who_calls_and_the_settings_what_it_may_do()
    {
        await WriteAsync(Make("CN=bridge"));
        await File.WriteAllTextAsync(folder.File("clients.pem"), authority.ExportCertificatePem(), Token);
        await using var bridge = await TestBridge.StartAsync([
            (ServeSettings.TlsCert, folder.File("tls.crt")), (ServeSettings.TlsKey, folder.File("tls.key")), (ServeSettings.ClientCa, folder.File("clients.pem")), (ServeSettings.ClientCert, "dashboard=viewer")]);

        async Task<(HttpStatusCode Status, string Text)> CallAsync((string Certificate, string Key)? own, string path = "/api/me", HttpMethod? method = null, SslProtocols protocol = SslProtocols.None)
        {
            using var pair = own is { } given ? X509Certificate2.CreateFromPem(given.Certificate, given.Key) : null;
            using var shown = pair is null ? null : X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
            using var http = Client(protocol: protocol, own: shown);
            using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(bridge.Address, path));
            using var response = await http.SendAsync(request, Token);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
        }

        foreach (var protocol in (SslProtocols[])[SslProtocols.Tls12, SslProtocols.Tls13])
        {
            var (status, me) = await CallAsync(Make("CN=dashboard", forClient: true), protocol: protocol);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains("\"name\":\"dashboard by certificate\",\"role\":\"viewer\"", me, StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(Make("CN=dashboard", forClient: true), "/api/tasks/1/retry", HttpMethod.Post)).Status);

        // Without one: no rights, also from this machine; open endpoints answer as before.
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(null, "/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Make("CN=nobody", forClient: true), "/health/live")).Status);

        // Of no role, expired, of another authority, its own authority, and not for clients.
        using var strangersKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = AuthorityOf("CN=Authority of the test", strangersKey);
        foreach (var wrong in ((string, string)[])[
            Make("CN=nobody", forClient: true), Make("CN=dashboard", forClient: true, ends: DateTimeOffset.UtcNow.AddMinutes(-5)), Make("CN=dashboard", forClient: true, by: stranger), SelfSigned("CN=dashboard"), Make("CN=dashboard", forClient: false)])
        {
            var (status, text) = await CallAsync(wrong);
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            Assert.Contains("The client certificate is not accepted", text, StringComparison.Ordinal);
        }
        Assert.NotEmpty(await bridge.AuditAsync(1, line => line.Action == "sign-in" && line.Outcome!.StartsWith("refused:")));
    }

    [Fact]
    public async Task The_commands_show_a_client_certificate()
    {
        await WriteAsync(Make("CN=bridge"));
        await File.WriteAllTextAsync(folder.File("clients.pem"), authority.ExportCertificatePem(), Token);
        await using var bridge = await TestBridge.StartAsync([
            (ServeSettings.TlsCert, folder.File("tls.crt")), (ServeSettings.TlsKey, folder.File("tls.key")), (ServeSettings.ClientCa, folder.File("clients.pem")), (ServeSettings.ClientCert, "lab=operator")]);
        var (certificate, key) = Make("CN=lab", forClient: true);
        await File.WriteAllTextAsync(folder.File("own.pem"), certificate + "\n" + key, Token);
        Task<Ran> ListAsync(params string[] more) => Ran.AsAsync(TasksCommand.Create(), ["list", "--url", bridge.Address.GetLeftPart(UriPartial.Authority), "--tls-ca", folder.File("clients.pem"), .. more]);

        Assert.Equal(0, (await ListAsync("--tls-client-cert", folder.File("own.pem"))).Code);
        Assert.Equal(1, (await ListAsync().AsFailure()).Code);
        Assert.Contains("--tls-client-cert: ", (await ListAsync("--tls-client-cert", folder.File("clients.pem")).AsFailure()).Error, StringComparison.Ordinal);
        Assert.Equal("--tls-client-key needs --tls-client-cert.", (await ListAsync("--tls-client-key", folder.File("own.pem")).AsFailure()).Error);
    }

    Task<TestBridge> StartAsync() => TestBridge.StartAsync([(ServeSettings.TlsCert, folder.File("tls.crt")), (ServeSettings.TlsKey, folder.File("tls.key"))]);

    /// <summary>A client that trusts the test's authority.</summary>
    HttpClient Client(Action<string>? seen = null, SslProtocols protocol = SslProtocols.None, X509Certificate2? own = null) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = protocol,
            LocalCertificateSelectionCallback = own is null ? null : (_, _, _, _, _) => own,
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

    (string Certificate, string Key) Make(string subject, bool? forClient = null, DateTimeOffset? ends = null, X509Certificate2? by = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        // RFC 5280, 4.2.1.12: what the certificate is for.
        if (forClient is { } client) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        using var made = request.Create(by ?? authority, DateTimeOffset.UtcNow.AddHours(-1), ends ?? DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    static (string Certificate, string Key) SelfSigned(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    static X509Certificate2 AuthorityOf(string subject, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    public void Dispose()
    {
        authority.Dispose();
        authorityKey.Dispose();
        folder.Dispose();
    }
}
