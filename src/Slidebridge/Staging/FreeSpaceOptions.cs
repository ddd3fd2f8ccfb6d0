namespace Slidebridge.Staging;

/// <summary>How much disk space must stay free.</summary>
/// <param name="Floor">Free bytes below which no task is accepted and no slide copied; 0: no limit.</param>
/// <param name="Directories">The directories that the bridge writes to: data and staging.</param>
sealed record FreeSpaceOptions(long Floor, IReadOnlyList<string> Directories);
