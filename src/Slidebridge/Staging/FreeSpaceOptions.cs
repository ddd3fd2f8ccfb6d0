namespace Slidebridge.Staging;

/// <summary>How much room the bridge leaves on its disks.</summary>
/// <param name="Floor">Bytes below which no task is taken and no slide staged; 0: no floor.</param>
/// <param name="Directories">Where the bridge writes: its data directory and its staging directory.</param>
sealed record FreeSpaceOptions(long Floor, IReadOnlyList<string> Directories);
