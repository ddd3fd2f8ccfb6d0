namespace Slidebridge.Techcyte;

/// <summary>The platform's answer about a task.</summary>
enum TaskVerdict
{
    /// <summary>The task is the platform's, and the token is valid for it.</summary>
    Confirmed,

    /// <summary>The task is not the platform's, or the token is not the task's.</summary>
    Refused,

    /// <summary>The platform's answer shows neither.</summary>
    Unknown,
}

/// <param name="Verdict">What is known.</param>
/// <param name="Why">The platform's answer, as a clause in the bridge's own words.</param>
/// <param name="RetryAfter">How long the platform asked to wait, or null.</param>
readonly record struct TaskCheck(TaskVerdict Verdict, string Why, TimeSpan? RetryAfter = null);
