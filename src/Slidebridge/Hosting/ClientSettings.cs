using Slidebridge.Settings;

namespace Slidebridge.Hosting;

/// <summary>Settings of the commands that talk to a bridge that runs: <c>tasks</c>, <c>usage</c> and <c>send</c>. They may stand in the bridge's own file of settings.</summary>
static class ClientSettings
{
    public static readonly Setting<Uri?> Url = new("url", ValueKind.Optional(BaseUrl), "The bridge that tasks, usage and send talk to. Without it: the bridge on this machine that has --listen and --port.");
    public static readonly Setting<string?> TlsCa = new("tls-ca", ValueKind.Optional(ValueKind.Text("FILE")), "PEM file with the only authorities whose TLS certificates --url may have. Without it: those that this machine trusts.");

    /// <summary>Those that are no settings of the bridge itself.</summary>
    public static readonly IReadOnlyList<Setting> Own = [Url, TlsCa];

    /// <summary>Those that say how to reach a bridge.</summary>
    public static readonly IReadOnlyList<Setting> All = [Url, ServeSettings.ApiToken, TlsCa];

    static ValueKind<Uri> BaseUrl => new("URL", text => ValueKind.Url.Parse(text) is { PathAndQuery: "/" } url ? url : throw new FormatException($"'{text}' has a path; only scheme, host and port are expected"));
}
