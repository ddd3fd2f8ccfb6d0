namespace Slidebridge.Slides.Sources;

/// <summary>The free space for temporary files on a folder's disk. Space is counted as bytes arrive: nothing is reserved for a length that a server only claims.</summary>
/// <param name="directory">Any folder on the disk.</param>
/// <param name="minFree">Bytes that stay free.</param>
sealed class DiskRoom(string directory, long minFree)
{
    // The system's free space is queried again after this many bytes.
    const long Step = 8L * 1024 * 1024;

    readonly Lock gate = new();
    long granted;

    /// <summary>True if this many further bytes may be written.</summary>
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

    // If the system does not report the free space, the write itself fails when the disk is full.
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
