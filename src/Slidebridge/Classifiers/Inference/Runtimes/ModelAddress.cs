namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>A model on a server of the Open Inference Protocol: <c>http://host:8000/v2/models/NAME</c>, with <c>/versions/N</c> where one is meant.</summary>
/// <param name="Server">What comes before <c>v2</c>, with a slash at its end.</param>
/// <param name="Model">The model's path, from <c>v2</c> on, without a slash at its end.</param>
/// <param name="Name">The model's name.</param>
sealed record ModelAddress(Uri Server, string Model, string Name)
{
    /// <summary>The server as messages name it: nothing secret of the address.</summary>
    public string Host => Server.Authority;

    public Uri Health => new(Server, "v2/health/ready");

    public Uri Ready => new(Server, Model + "/ready");

    public Uri Metadata => new(Server, Model);

    public Uri Infer => new(Server, Model + "/infer");

    /// <summary>The address, or null where it is no such one.</summary>
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
