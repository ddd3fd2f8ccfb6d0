namespace Slidebridge.Verification;

/// <param name="Window">How long the bridge asks the platform about a claim before it gives up.</param>
/// <param name="FirstWait">The wait after the first request without an answer.</param>
sealed record VerificationOptions(TimeSpan Window, TimeSpan FirstWait);
