namespace Slidebridge.Techcyte;

/// <summary>How a post of results ended, by what is certain about it.</summary>
enum PostEnd
{
    /// <summary>The platform has it.</summary>
    Accepted,

    /// <summary>The platform has read it and will not have it, now or later.</summary>
    Refused,

    /// <summary>The platform has certainly not taken it; it may be posted again.</summary>
    NotArrived,

    /// <summary>The platform may or may not have it.</summary>
    Uncertain,
}

/// <param name="End">What is certain.</param>
/// <param name="Words">What happened, with the platform's own words where it gave any.</param>
/// <param name="RetryAfter">How long the platform asked to wait, or null.</param>
sealed record PostOutcome(PostEnd End, string Words, TimeSpan? RetryAfter = null);
