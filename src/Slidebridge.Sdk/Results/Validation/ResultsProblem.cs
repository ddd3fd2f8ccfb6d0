namespace Slidebridge.Sdk.Results.Validation;

/// <summary>A rule of the platform that a result breaks.</summary>
/// <param name="Path">The position: a JSON path such as <c>$.scanResults[0].geojson.features[3].bbox</c>.</param>
/// <param name="Found">The value found, shortened.</param>
/// <param name="Expected">The value expected.</param>
public sealed record ResultsProblem(string Path, string Found, string Expected)
{
    /// <summary>The problem in one sentence.</summary>
    public override string ToString() => $"{Path}: found {Found}, expected {Expected}";
}
