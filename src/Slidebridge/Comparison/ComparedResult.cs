using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Comparison;

/// <summary>A valid result, with the scans that it names.</summary>
sealed class ComparedResult
{
    ComparedResult(ReadOnlyMemory<byte> json, IReadOnlyList<string> scanIds) => (Json, ScanIds) = (json, scanIds);

    /// <summary>The result as UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public IReadOnlyList<string> ScanIds { get; }

    /// <summary>Checks a result by the platform's rules.</summary>
    /// <param name="json">JSON from any source. The memory must not change any more.</param>
    /// <param name="scanIds">The scans that the JSON names.</param>
    /// <param name="problem">The first rule that is broken.</param>
    /// <returns>Null if a rule is broken.</returns>
    public static ComparedResult? Read(ReadOnlyMemory<byte> json, IReadOnlyList<string> scanIds, out ResultsProblem? problem)
    {
        problem = Sdk.Results.ResultsValidator.ValidateReceived(ref json, [.. scanIds]) is [var first, ..] ? first : null;
        return problem is null ? new ComparedResult(json, scanIds) : null;
    }

    /// <summary>The objects of one scan by class.</summary>
    /// <inheritdoc cref="ScanShapes.Read"/>
    public ScanShapes Shapes(string scanId, CancellationToken cancellationToken) => ScanShapes.Read(Json.Span, scanId, cancellationToken);
}
