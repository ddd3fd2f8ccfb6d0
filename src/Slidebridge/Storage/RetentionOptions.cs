namespace Slidebridge.Storage;

/// <summary>How long data of ended tasks is kept.</summary>
/// <param name="Keep">Time since the task's end; null: for ever.</param>
sealed record RetentionOptions(TimeSpan? Keep);
