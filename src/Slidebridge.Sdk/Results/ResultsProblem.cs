namespace Slidebridge.Sdk.Results;

/// <summary>A rule of the platform that a result breaks.</summary>
/// <param name="Path">Where: a JSON path such as <c>$.scanResults[0].geojson.features[3].bbox</c>.</param>
/// <param name="Found">What is there, shortened.</param>
/// <param name="Expected">What should be.</param>
public sealed record ResultsProblem(string Path, string Found, string Expected)
{
    /// <summary>The problem in one sentence.</summary>
    public override string ToString() => $"{Path}: found {Found}, expected {Expected}";
}

/// <summary>A result breaks rules of the platform, which would refuse it whole.</summary>
public sealed class InvalidResultsException : Exception
{
    const int Told = 5;

    /// <summary>An exception that tells the first few problems.</summary>
    public InvalidResultsException(IReadOnlyList<ResultsProblem> problems)
        : base($"The result breaks the platform's rules: {string.Join("; ", problems.Take(Told))}{(problems.Count > Told ? $"; and {problems.Count - Told} more" : "")}.") =>
        Problems = problems;

    /// <summary>All of them.</summary>
    public IReadOnlyList<ResultsProblem> Problems { get; }
}
