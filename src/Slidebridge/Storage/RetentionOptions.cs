namespace Slidebridge.Storage;

/// <summary>How long what ended tasks leave behind is kept.</summary>
/// <param name="Keep">Since the task's end; null: for ever.</param>
sealed record RetentionOptions(TimeSpan? Keep);
