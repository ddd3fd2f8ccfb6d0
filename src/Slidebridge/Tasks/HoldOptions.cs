namespace Slidebridge.Tasks;

/// <summary>Results that wait for an operator, because their route says <c>hold</c>.</summary>
/// <param name="Limit">How long a result waits; then its task fails.</param>
sealed record HoldOptions(TimeSpan Limit);
