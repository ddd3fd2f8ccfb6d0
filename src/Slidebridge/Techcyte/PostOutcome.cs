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
/// <param name="What">What happened, in words of the bridge's own: fit for a log.</param>
/// <param name="Words">The platform's own words, where it gave any. What they quote is not known: they are kept with the task and not logged.</param>
/// <param name="RetryAfter">How long the platform asked to wait, or null.</param>
sealed record PostOutcome(PostEnd End, string What, string? Words = null, TimeSpan? RetryAfter = null)
{
    /// <summary>What happened, with the platform's words.</summary>
    public string Told => string.IsNullOrEmpty(Words) ? What : $"{What}: {Words}";
}
