using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>How a task is retried if its slides cannot be reached temporarily.</summary>
/// <param name="Tries">Maximum attempts before the task fails.</param>
/// <param name="Backoff">The waits between them.</param>
sealed record RetryOptions(int Tries, Backoff Backoff);
