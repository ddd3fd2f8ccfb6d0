namespace Slidebridge.Comparison;

/// <summary>Two results cannot be compared, because one of them exceeds a limit.</summary>
/// <param name="message">One clear sentence.</param>
sealed class ComparisonException(string message) : SlidebridgeException(message);
