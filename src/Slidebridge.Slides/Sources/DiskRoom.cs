namespace Slidebridge.Slides.Sources;

/// <summary>What a folder's disk has left for temporary files. Disk is taken as bytes arrive: nothing is reserved for a length that a server merely claims.</summary>
/// <param name="directory">Any folder on it.</param>
/// <param name="minFree">Bytes that stay free.</param>
sealed class DiskRoom(string directory, long minFree)
{
    // The system is asked once for so many bytes.
    const long Step = 8L * 1024 * 1024;

    readonly Lock gate = new();
    long granted;

    /// <summary>True where so many bytes more may be written.</summary>
    public bool Take(long bytes)
    {
        lock (gate)
        {
            if ((granted -= bytes) >= 0) return true;
            if (Free() - Math.Max(bytes, Step) < minFree)
            {
                granted = 0;
                return false;
            }
            granted = Math.Max(0, Step - bytes);
            return true;
        }
    }

    // Where the system does not say, the write itself does.
    long Free()
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }
}
