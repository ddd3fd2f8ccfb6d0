namespace Slidebridge.Storage;

/// <summary>How long data is kept.</summary>
/// <param name="Keep">Data of ended tasks: time since the task's end; null: for ever.</param>
/// <param name="KeepAudit">Lines of the audit log; null: for ever.</param>
/// <param name="KeepEvents">Events that nobody sends any more, because their receiver is not configured; null: for ever.</param>
sealed record RetentionOptions(TimeSpan? Keep, TimeSpan? KeepAudit = null, TimeSpan? KeepEvents = null);
