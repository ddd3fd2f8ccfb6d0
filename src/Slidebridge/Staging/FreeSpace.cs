namespace Slidebridge.Staging;

/// <summary>
/// The room that is left where the bridge writes. Below its floor no task is taken, so that those that were can still be finished: a result that cannot be saved is lost work,
/// a webhook that is refused comes again.
/// </summary>
/// <param name="options">The floor and the directories.</param>
/// <param name="time">The clock of the looks.</param>
/// <param name="probe">Bytes that are free to this user where a directory lies; null asks the system.</param>
sealed class FreeSpace(FreeSpaceOptions options, TimeProvider time, Func<string, long>? probe = null)
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    long? looked;
    string? shortage;

    /// <summary>Bytes that are to stay free.</summary>
    public long Floor => options.Floor;

    /// <summary>Why there is too little, in one sentence, or null where there is enough. Asks the system at most once a second.</summary>
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

    /// <summary>Bytes that are free to this user where the directory lies; as good as endless where the system does not say.</summary>
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
                return $"The disk of {directory} has {free / 1_000_000} MB free, and {Floor / 1_000_000} MB are to stay free (--min-free); make room, or lower --staging-size or --keep-results.";
        return null;
    }
}
