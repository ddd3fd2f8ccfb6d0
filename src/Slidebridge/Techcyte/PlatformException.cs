namespace Slidebridge.Techcyte;

/// <summary>A call to the platform failed and certainly had no effect; it can be repeated later.</summary>
sealed class PlatformException : SlidebridgeException
{
    /// <param name="message">What happened, for an operator.</param>
    /// <param name="retryAfter">How long the platform asked to wait, or null.</param>
    /// <param name="inner">The original exception.</param>
    public PlatformException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : base(message, inner) => (RetryAfter, IsTransient) = (retryAfter, true);

    public TimeSpan? RetryAfter { get; }

    /// <summary>The stack trace is of no use here.</summary>
    public override string? Cause => null;
}
