namespace Slidebridge.Techcyte;

/// <summary>A call to the platform that is certain to have had no effect failed; it can be made again later.</summary>
sealed class PlatformException : SlidebridgeException
{
    /// <param name="message">What happened, fit for an operator.</param>
    /// <param name="retryAfter">How long the platform asked to wait, or null.</param>
    /// <param name="inner">What it came from.</param>
    public PlatformException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : base(message, inner) => (RetryAfter, IsTransient) = (retryAfter, true);

    public TimeSpan? RetryAfter { get; }

    /// <summary>Where in the bridge it was found out is of no use.</summary>
    public override string? Cause => null;
}
