namespace Slidebridge.Telemetry;

/// <summary>The log that a node writes to its output.</summary>
/// <param name="Level">The least severe entries that are written.</param>
/// <param name="IsJson">One JSON object for each entry, instead of a line of text.</param>
sealed record LogOptions(LogLevel Level, bool IsJson);
