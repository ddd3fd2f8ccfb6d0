using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Sdk.Results;

/// <summary>A result breaks rules of the platform, which would refuse the whole result.</summary>
public sealed class InvalidResultsException : SlidebridgeException
{
    const int MostShown = 5;

    /// <summary>Creates an exception whose message lists the first few problems.</summary>
    public InvalidResultsException(IReadOnlyList<ResultsProblem> problems)
        : base($"The result breaks the platform's rules: {string.Join("; ", problems.Take(MostShown))}{(problems.Count > MostShown ? $"; and {problems.Count - MostShown} more" : "")}.") =>
        Problems = problems;

    /// <summary>All problems.</summary>
    public IReadOnlyList<ResultsProblem> Problems { get; }

    /// <inheritdoc/>
    public override string LogMessage => $"the result breaks the platform's rules at {string.Join(", ", Problems.Take(MostShown).Select(p => p.Path))}; see the task's last error for details";

    /// <inheritdoc/>
    public override string PlainMessage => "The analysis returned an invalid result, which cannot be shown.";
}
