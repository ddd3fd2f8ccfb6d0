namespace Slidebridge.Slides;

/// <summary>The slide's bytes could not be fetched. The message names at most the host, never a path, a query string or a file.</summary>
public class SlideSourceException : SlidebridgeException
{
    /// <summary>Creates the exception. The message says what happened and what to do.</summary>
    /// <param name="failure">The cause that a caller can act on.</param>
    /// <param name="message">The full sentence.</param>
    /// <param name="isTransient">True if the same read may succeed later; the source has already retried it.</param>
    /// <param name="httpStatus">The server's status code, if it answered.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public SlideSourceException(
        SlideSourceFailure failure, string message, bool isTransient = false, int? httpStatus = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Failure = failure;
        IsTransient = isTransient;
        HttpStatus = httpStatus;
    }

    /// <summary>The cause that a caller can act on.</summary>
    public SlideSourceFailure Failure { get; }

    /// <summary>The server's status code, if it answered.</summary>
    public int? HttpStatus { get; }

    /// <inheritdoc/>
    public override string PlainMessage => Failure is SlideSourceFailure.Forbidden
        ? "The link to the slide has expired, or does not allow access. Request the analysis again."
        : "The slide could not be fetched. Request the analysis again later.";

    /// <summary>The server's Retry-After.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>True if no bytes, or too few, arrived within the time limit: every retry may take that long.</summary>
    internal bool IsStalled { get; init; }
}
