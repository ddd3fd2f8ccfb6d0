using Slidebridge.Slides;

namespace Slidebridge.Staging;

/// <summary>A slide's presigned URL has expired, and there is no copy.</summary>
sealed class ExpiredUrlException : SlideSourceException
{
    ExpiredUrlException(DateTimeOffset expiry, string when, SlideSourceException cause) : base(
        SlideSourceFailure.Forbidden, $"The slide's presigned URLs expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC, {when}. Request the analysis on the platform again: the new webhook brings fresh URLs.",
        httpStatus: cause.HttpStatus, innerException: cause)
    {
    }

    /// <summary>The meaning of a server's refusal: the URLs have expired, if they say so.</summary>
    /// <param name="refused">The refusal.</param>
    /// <param name="urls">The requested URLs.</param>
    /// <param name="when">What had not happened before the expiry.</param>
    /// <param name="time">This machine's clock, which distinguishes an expiry from another refusal.</param>
    public static SlideSourceException Of(SlideSourceException refused, IEnumerable<string> urls, string when, TimeProvider time) =>
        PresignedUrl.EarliestExpiry(urls) is { } expiry && expiry <= time.GetUtcNow() ? new ExpiredUrlException(expiry, when, refused) : refused;
}
