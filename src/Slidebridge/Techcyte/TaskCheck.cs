namespace Slidebridge.Techcyte;

/// <summary>What the platform says of a task.</summary>
enum TaskVerdict
{
    /// <summary>The task is the platform's, and the token is good for it.</summary>
    Confirmed,

    /// <summary>It is not, or the token is not the task's.</summary>
    Refused,

    /// <summary>The platform gave no answer that says either.</summary>
    Unknown,
}

/// <param name="Verdict">What is known.</param>
/// <param name="Why">What the platform answered, as a clause in the bridge's own words.</param>
/// <param name="RetryAfter">How long the platform asked to wait, or null.</param>
readonly record struct TaskCheck(TaskVerdict Verdict, string Why, TimeSpan? RetryAfter = null);
