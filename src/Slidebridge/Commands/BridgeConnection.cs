using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Commands;

/// <summary>How a command connects to a running bridge: its address, its API token, and the certificate authorities to trust.</summary>
sealed class BridgeConnection
{
    /// <summary>Secrets that are sent to a bridge and to no other server.</summary>
    static readonly Setting[] Secrets = [ServeSettings.ApiToken, ServeSettings.WebhookKey];

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    readonly string? token;
    readonly X509Certificate2Collection? authorities;
    readonly X509Certificate2? own;

    BridgeConnection(Uri url, string? token, X509Certificate2Collection? authorities, X509Certificate2? own) => (Url, this.token, this.authorities, this.own) = (url, token, authorities, own);

    public Uri Url { get; }

    public string? Token => token;

    /// <summary>The certificate authorities to trust; null: those that this machine trusts.</summary>
    public X509Certificate2Collection? Authorities => authorities;

    /// <param name="values">The settings.</param>
    /// <param name="isNamed">The user named the settings file. A file that is only found in the current directory may be a stranger's, who would receive the environment's token.</param>
    /// <param name="at">A URL of the bridge from another source, or null.</param>
    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public static BridgeConnection From(SettingValues values, bool isNamed, Uri? at = null)
    {
        var token = values.Get(ServeSettings.ApiToken);
        if (!isNamed && at is null && values.IsFromFile(ClientSettings.Url) && Secrets.FirstOrDefault(s => values.IsSet(s) && !values.IsFromFile(s)) is { } secret)
            throw new SettingException($"{SettingsFile.Usual} in this directory sets the bridge's url, but {secret.Flag} comes from another source, so it is not sent to that bridge. Give --config {SettingsFile.Usual} if you trust the file, or name the bridge with --url.");
        var url = at is null ? values.Get(ClientSettings.Url) ?? Local(values) : new Uri(at.GetLeftPart(UriPartial.Authority));
        return new BridgeConnection(url, token, values.Get(ClientSettings.TlsCa) is { } file ? PemAuthorities.Read(file, ClientSettings.TlsCa.Flag) : null, Own(values));
    }

    /// <summary>A connection with another token than --api-token.</summary>
    /// <param name="url">The bridge.</param>
    /// <param name="token">The token, or null.</param>
    /// <param name="values">The settings for its certificate.</param>
    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public static BridgeConnection Of(Uri url, string? token, SettingValues values) =>
        new(url, token, values.Get(ClientSettings.TlsCa) is { } file ? PemAuthorities.Read(file, ClientSettings.TlsCa.Flag) : null, null);

    /// <summary>A client that trusts these authorities. It sends the token only to the bridge.</summary>
    /// <param name="to">The base address of its calls.</param>
    public HttpClient Open(Uri to)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (authorities is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
        if (own is not null)
        {
            handler.SslOptions.ClientCertificates = [own];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => own;
        }
        var http = new HttpClient(handler) { BaseAddress = to, Timeout = Timeout };
        if (token is not null && Uri.Compare(to, Url, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>Why a call did not reach its server, as a clause without a full stop.</summary>
    public static string Why(Exception failure) => failure switch
    {
        _ when CertificateFailure.Of(failure, $"give a PEM file with its certificate to {ClientSettings.TlsCa.Flag}, or set SSL_CERT_FILE to it") is { } why => why,
        OperationCanceledException => $"the server did not answer within {Timeout.TotalSeconds:0} s",
        _ => failure.Message.TrimEnd('.'),
    };

    static X509Certificate2? Own(SettingValues values)
    {
        if (values.Get(ClientSettings.TlsClientCert) is not { } file) return values.Get(ClientSettings.TlsClientKey) is null ? null : throw new SettingException($"{ClientSettings.TlsClientKey.Flag} needs {ClientSettings.TlsClientCert.Flag}.");
        try
        {
            using var pair = X509Certificate2.CreateFromPemFile(file, values.Get(ClientSettings.TlsClientKey));
            // Windows cannot use a key that is not in a store or a PFX.
            return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SettingException($"{ClientSettings.TlsClientCert.Flag}: {file} is not a certificate with its private key in PEM form: {e.Message.TrimEnd('.')}.");
        }
    }

    static Uri Local(SettingValues values)
    {
        var address = values.Get(ServeSettings.Listen);
        if (address.Equals(IPAddress.Any)) address = IPAddress.Loopback;
        if (address.Equals(IPAddress.IPv6Any)) address = IPAddress.IPv6Loopback;
        return new UriBuilder(values.IsSet(ServeSettings.TlsCert) ? "https" : "http", address.ToString(), values.Get(ServeSettings.Port)).Uri;
    }
}
