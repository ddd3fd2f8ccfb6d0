using Slidebridge.Settings;

namespace Slidebridge.Hosting;

/// <summary>Settings of the commands that talk to a running bridge: <c>tasks</c>, <c>usage</c> and <c>send</c>. They may be in the bridge's settings file.</summary>
static class ClientSettings
{
    public static readonly Setting<Uri?> Url = new("url", ValueKind.Optional(BaseUrl), "The bridge that tasks, usage and send talk to. Without it: the bridge on this machine that has --listen and --port.");
    public static readonly Setting<string?> TlsCa = new("tls-ca", ValueKind.Optional(ValueKind.Text("FILE")), "PEM file of the certificate authorities to trust for --url, instead of those that this machine trusts.");

    public static readonly Setting<string?> TlsClientCert = new("tls-client-cert", ValueKind.Optional(ValueKind.Text("FILE")), "PEM file of a client certificate to show to --url, instead of an API token.");
    public static readonly Setting<string?> TlsClientKey = new("tls-client-key", ValueKind.Optional(ValueKind.Text("FILE")), "PEM file of the client certificate's private key. Without it, the key is in --tls-client-cert.");

    /// <summary>The settings that the bridge itself does not have.</summary>
    public static readonly IReadOnlyList<Setting> Own = [Url, TlsCa, TlsClientCert, TlsClientKey];

    /// <summary>The settings that say how to reach a bridge.</summary>
    public static readonly IReadOnlyList<Setting> All = [Url, ServeSettings.ApiToken, TlsCa, TlsClientCert, TlsClientKey];

    /// <summary>A bridge's address.</summary>
    public static ValueKind<Uri> BaseUrl => new("URL", text => ValueKind.Url.Parse(text) is { PathAndQuery: "/" } url ? url : throw new FormatException($"'{text}' has a path; give only scheme, host and port"));
}
