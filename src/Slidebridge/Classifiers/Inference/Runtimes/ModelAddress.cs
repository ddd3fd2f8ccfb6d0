namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>A model on a server with the Open Inference Protocol: <c>http://host:8000/v2/models/NAME</c>, optionally with <c>/versions/N</c>.</summary>
/// <param name="Server">The part before <c>v2</c>, with a final slash.</param>
/// <param name="Model">The model's path, from <c>v2</c> on, without a final slash.</param>
/// <param name="Name">The model's name.</param>
sealed record ModelAddress(Uri Server, string Model, string Name)
{
    /// <summary>The server's name for messages, without secrets of the address.</summary>
    public string Host => Server.Authority;

    public Uri Health => new(Server, "v2/health/ready");

    public Uri Ready => new(Server, Model + "/ready");

    public Uri Metadata => new(Server, Model);

    public Uri Infer => new(Server, Model + "/infer");

    /// <summary>The address, or null if the text is not one.</summary>
    public static ModelAddress? TryParse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || parsed.Query.Length > 0 || parsed.Fragment.Length > 0) return null;
        var path = parsed.AbsolutePath.TrimEnd('/');
        var start = path.LastIndexOf("/v2/models/", StringComparison.Ordinal);
        if (start < 0) return null;
        var parts = path[(start + "/v2/models/".Length)..].Split('/');
        var isModel = parts.All(p => p.Length > 0) && (parts.Length == 1 || (parts.Length == 3 && parts[1] == "versions"));
        return isModel ? new ModelAddress(new Uri(parsed, path[..(start + 1)]), path[(start + 1)..], Uri.UnescapeDataString(parts[0])) : null;
    }
}
