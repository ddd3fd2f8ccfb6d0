namespace Slidebridge.Security;

/// <summary>A directory that only its owner can enter.</summary>
static class PrivateDirectory
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the directory where it is missing. One that is there stays as open as it is.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static DirectoryInfo Create(string path) =>
        OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, OwnerOnly);

    /// <summary>Makes the directory, or closes one that is there to everybody but its owner.</summary>
    /// <exception cref="IOException">It cannot be made, or others can enter it and this user may not change that.</exception>
    public static DirectoryInfo CreateOrClose(string path)
    {
        var directory = Create(path);
        if (OperatingSystem.IsWindows() || (directory.UnixFileMode & ~OwnerOnly) == 0) return directory;
        try
        {
            directory.UnixFileMode = OwnerOnly;
            return directory;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"Other users can enter {path}, and this user may not change that: tokens and patients' results would lie open in it. Run 'chmod 700' on it as its owner, or name another directory.", e);
        }
    }

    /// <summary>Closes the files of a directory to everybody but their owner. The directory itself is what keeps others out; this is for whoever moves a file out of it.</summary>
    public static void CloseFiles(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var file in new DirectoryInfo(path).EnumerateFiles().Where(f => f.LinkTarget is null && (f.UnixFileMode & ~OwnerOnly) != 0))
        {
            try
            {
                file.UnixFileMode &= OwnerOnly;
            }
            catch (UnauthorizedAccessException)
            {
                // Another user's file: nothing of ours.
            }
        }
    }
}
