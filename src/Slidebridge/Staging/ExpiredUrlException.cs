using Slidebridge.Slides;

namespace Slidebridge.Staging;

/// <summary>A slide's presigned URL has expired, and there is no copy.</summary>
sealed class ExpiredUrlException : SlideSourceException
{
    ExpiredUrlException(DateTimeOffset expiry, string when, SlideSourceException cause) : base(
        SlideSourceFailure.Forbidden, $"Its presigned URLs expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC, {when}; ask for the analysis on the platform once more: its webhook, sent again, brings fresh ones.",
        httpStatus: cause.HttpStatus, innerException: cause)
    {
    }

    /// <summary>What a server's refusal means: that the URLs have expired, where they say so.</summary>
    /// <param name="refused">The refusal.</param>
    /// <param name="urls">What was asked for.</param>
    /// <param name="when">What had not been done by then.</param>
    /// <param name="time">Our clock, which tells an expiry from another refusal.</param>
    public static SlideSourceException Of(SlideSourceException refused, IEnumerable<string> urls, string when, TimeProvider time) =>
        PresignedUrl.EarliestExpiry(urls) is { } expiry && expiry <= time.GetUtcNow() ? new ExpiredUrlException(expiry, when, refused) : refused;
}
