namespace Slidebridge.Slides;

/// <summary>The slide's bytes could not be fetched. The message names the host at most, never a path, a query string or a file.</summary>
public class SlideSourceException : SlidebridgeException
{
    /// <summary>Says what happened and what to do.</summary>
    /// <param name="failure">The cause that a caller can act on.</param>
    /// <param name="message">The full sentence.</param>
    /// <param name="isTransient">True when the same read may succeed later; the source has already retried it.</param>
    /// <param name="httpStatus">The server's status code, where it answered.</param>
    /// <param name="innerException">The cause, where there is one.</param>
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

    /// <summary>The server's status code, where it answered.</summary>
    public int? HttpStatus { get; }

    /// <inheritdoc/>
    public override string PlainMessage => Failure is SlideSourceFailure.Forbidden
        ? "The link to the slide had expired, or does not allow it to be read. Ask for the analysis again."
        : "The slide could not be fetched. Ask for the analysis again later.";

    /// <summary>How long the server asked to be left alone.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>True where nothing, or too little, came in the time that there was: trying that often costs that time each time.</summary>
    internal bool IsStalled { get; init; }
}
