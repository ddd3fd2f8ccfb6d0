using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>How a task whose slides cannot be reached for now is tried again.</summary>
/// <param name="Tries">Tries in all before the task fails.</param>
/// <param name="Backoff">The waits between them.</param>
sealed record RetryOptions(int Tries, Backoff Backoff);
