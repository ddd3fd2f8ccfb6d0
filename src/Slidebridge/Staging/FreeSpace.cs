namespace Slidebridge.Staging;

/// <summary>
/// The free space of the disks that the bridge writes to. Below the minimum no task is accepted, so that accepted tasks can still be completed: a result that cannot be saved is lost work,
/// but a refused webhook is sent again.
/// </summary>
/// <param name="options">The minimum and the directories.</param>
/// <param name="time">The clock for the checks.</param>
/// <param name="probe">Returns the bytes that this user may still write to a directory's disk; null asks the system.</param>
sealed class FreeSpace(FreeSpaceOptions options, TimeProvider time, Func<string, long>? probe = null)
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    long? looked;
    string? shortage;

    /// <summary>Bytes that must stay free.</summary>
    public long Floor => options.Floor;

    /// <summary>Why there is too little space, in one sentence, or null if there is enough. Asks the system at most once a second.</summary>
    public string? Shortage
    {
        get
        {
            lock (gate)
            {
                if (looked is { } last && time.GetElapsedTime(last) < BetweenLooks) return shortage;
                looked = time.GetTimestamp();
                return shortage = Look();
            }
        }
    }

    /// <summary>Bytes that this user may still write to the directory's disk; practically unlimited if the system does not say.</summary>
    public long Of(string directory)
    {
        try
        {
            return probe?.Invoke(directory) ?? new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }

    string? Look()
    {
        if (Floor == 0) return null;
        foreach (var directory in options.Directories)
            if (Of(directory) is var free && free < Floor)
                return $"The disk of {directory} has only {free / 1_000_000} MB free, but {Floor / 1_000_000} MB must stay free (--min-free). Free some space, or lower --staging-size or --keep-results.";
        return null;
    }
}
