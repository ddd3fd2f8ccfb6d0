namespace Slidebridge.Verification;

/// <param name="Window">How long the platform is asked about a claim before it is given up.</param>
/// <param name="FirstWait">The wait after a first question without an answer.</param>
sealed record VerificationOptions(TimeSpan Window, TimeSpan FirstWait);
