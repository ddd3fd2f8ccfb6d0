namespace Slidebridge.Techcyte;

/// <summary>A call to the platform that is certain to have had no effect failed; it can be made again later.</summary>
/// <param name="message">What happened, fit for an operator.</param>
/// <param name="retryAfter">How long the platform asked to wait, or null.</param>
sealed class PlatformException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
