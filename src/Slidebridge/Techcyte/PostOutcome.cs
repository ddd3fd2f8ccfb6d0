namespace Slidebridge.Techcyte;

/// <summary>How a post of results ended, by what is certain about it.</summary>
enum PostStatus
{
    /// <summary>The platform has it.</summary>
    Accepted,

    /// <summary>The platform has read the result and refuses it permanently.</summary>
    Refused,

    /// <summary>The platform has certainly not stored the result; it may be posted again.</summary>
    NotArrived,

    /// <summary>The platform may or may not have it.</summary>
    Uncertain,
}

/// <param name="Status">What is certain.</param>
/// <param name="Summary">What happened, in the bridge's own words: may be logged.</param>
/// <param name="ResponseBody">The platform's own words, if there were any. They may quote anything, so they are stored with the task and not logged.</param>
/// <param name="RetryAfter">How long the platform asked to wait, or null.</param>
sealed record PostOutcome(PostStatus Status, string Summary, string? ResponseBody = null, TimeSpan? RetryAfter = null)
{
    /// <summary>What happened, with the platform's words.</summary>
    public string Detail => string.IsNullOrEmpty(ResponseBody) ? Summary : $"{Summary}: {ResponseBody}";
}
