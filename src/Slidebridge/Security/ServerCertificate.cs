using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Slidebridge.Security;

/// <summary>
/// The certificate that the bridge shows its callers. When its files change, new connections get the new certificate within seconds, and open ones go on: a renewal interrupts nobody.
/// A pair of files that does not fit, because only one of them is written yet, is not used.
/// </summary>
sealed partial class ServerCertificate : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1), BetweenWarnings = TimeSpan.FromDays(1), SoonExpired = TimeSpan.FromDays(14);

    readonly TlsOptions options;
    readonly TimeProvider time;
    readonly ILogger<ServerCertificate> logger;
    byte[] seen;
    volatile SslServerAuthenticationOptions current;
    DateTimeOffset expires, warned;
    string? kept;

    /// <exception cref="IOException">The files cannot be read, or do not contain a certificate and its key; the message names the setting.</exception>
    public ServerCertificate(TlsOptions options, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        (this.options, this.time, this.logger) = (options, time, logger);
        seen = Content(options);
        (current, expires) = Read(options);
    }

    /// <summary>For the next connection: TLS 1.2 or 1.3, and the certificate with its intermediates.</summary>
    public SslServerAuthenticationOptions Current => current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, time);
        try
        {
            do
            {
                Look();
                var now = time.GetUtcNow();
                if (expires - now >= SoonExpired || now - warned < BetweenWarnings) continue;
                warned = now;
                LogExpires(logger, expires.UtcDateTime);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The bridge stops.
        }
    }

    void Look()
    {
        try
        {
            var content = Content(options);
            if (content.AsSpan().SequenceEqual(seen)) return;
            seen = content;
            (current, expires) = Read(options);
            (warned, kept) = (default, null);
            LogRenewed(logger, expires.UtcDateTime);
        }
        catch (IOException e)
        {
            if (e.Message == kept) return;
            kept = e.Message;
            LogKept(logger, e.Message);
        }
    }

    /// <summary>A hash of the files, because a renewal may keep their times and lengths.</summary>
    static byte[] Content(TlsOptions options)
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(File.ReadAllBytes(options.Certificate!));
            if (options.Key is { } key) hash.AppendData(File.ReadAllBytes(key));
            return hash.GetHashAndReset();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"--tls-cert, --tls-key: {e.Message}", e);
        }
    }

    [SuppressMessage("Security", "CA5359", Justification = "The bridge is the server: whether a client certificate is accepted is decided where a role is needed (ClientCertificates).")]
    static (SslServerAuthenticationOptions, DateTimeOffset Expires) Read(TlsOptions options)
    {
        try
        {
            var (leaf, others) = IsPem(options.Certificate!) ? Pem(options) : Pfx(options);
            var server = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(leaf, others, offline: true, options.ClientAuthorities is { } trusted ? SslCertificateTrust.CreateForX509Collection(trusted, sendTrustInHandshake: OperatingSystem.IsLinux()) : null),
                // Asked for, not required: webhooks and browsers have none. Whether one is accepted is decided where a role is needed.
                ClientCertificateRequired = options.ClientAuthorities is not null,
                RemoteCertificateValidationCallback = options.ClientAuthorities is null ? null : static (_, _, _, _) => true,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowRenegotiation = false,
            };
            return (server, leaf.NotAfter.ToUniversalTime());
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"--tls-cert: {options.Certificate} is not a certificate with its private key (PEM with --tls-key, or PFX): {e.Message.TrimEnd('.')}", e);
        }
    }

    static bool IsPem(string file) => File.ReadAllText(file).Contains("-----BEGIN ", StringComparison.Ordinal);

    static (X509Certificate2, X509Certificate2Collection) Pem(TlsOptions options)
    {
        var key = options.Key ?? options.Certificate!;
        using var pair = options.Password is { } password ? X509Certificate2.CreateFromEncryptedPemFile(options.Certificate!, password, key) : X509Certificate2.CreateFromPemFile(options.Certificate!, key);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(options.Certificate!);
        // Windows cannot use a key that is not in a store or a PFX.
        return (X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null), [.. all.Skip(1)]);
    }

    static (X509Certificate2, X509Certificate2Collection) Pfx(TlsOptions options)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(options.Certificate!, options.Password);
        var leaf = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException("it has no private key");
        return (leaf, [.. all.Where(c => c != leaf)]);
    }

    [LoggerMessage(330, LogLevel.Information, "A new TLS certificate is in use; it expires on {Expires:yyyy-MM-dd HH:mm} UTC")]
    static partial void LogRenewed(ILogger logger, DateTime expires);

    [LoggerMessage(331, LogLevel.Warning, "The TLS certificate expires on {Expires:yyyy-MM-dd HH:mm} UTC; renew the files of --tls-cert and --tls-key, and the bridge uses them without a restart")]
    static partial void LogExpires(ILogger logger, DateTime expires);

    [LoggerMessage(332, LogLevel.Warning, "The changed TLS certificate is not used, and the one before stays in use: {Why}")]
    static partial void LogKept(ILogger logger, string why);
}
