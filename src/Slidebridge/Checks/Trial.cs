namespace Slidebridge.Checks;

/// <summary>What came of running a classifier once on a generated slide.</summary>
/// <param name="At">When the trial began.</param>
/// <param name="Seconds">How long the classifier worked; 0 if it did not begin.</param>
/// <param name="Objects">The number of objects of each class in its result; null if there is no valid result.</param>
/// <param name="Error">Why there is no valid result, in a sentence; null if there is one.</param>
/// <param name="Cause">The exact cause, such as a traceback; null if <paramref name="Error"/> says everything.</param>
/// <param name="Log">What the classifier wrote.</param>
sealed record Trial(DateTimeOffset At, double Seconds, IReadOnlyDictionary<string, long>? Objects, string? Error, string? Cause, string Log);
