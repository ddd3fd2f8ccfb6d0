using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Sdk.Results;

/// <summary>A result breaks rules of the platform, which would refuse it whole.</summary>
public sealed class InvalidResultsException : SlidebridgeException
{
    const int Told = 5;

    /// <summary>An exception that tells the first few problems.</summary>
    public InvalidResultsException(IReadOnlyList<ResultsProblem> problems)
        : base($"The result breaks the platform's rules: {string.Join("; ", problems.Take(Told))}{(problems.Count > Told ? $"; and {problems.Count - Told} more" : "")}.") =>
        Problems = problems;

    /// <summary>All of them.</summary>
    public IReadOnlyList<ResultsProblem> Problems { get; }

    /// <inheritdoc/>
    public override string LogMessage => $"the result breaks the platform's rules at {string.Join(", ", Problems.Take(Told).Select(p => p.Path))}; the task's last error tells more";

    /// <inheritdoc/>
    public override string PlainMessage => "The analysis gave a result that cannot be shown.";
}
