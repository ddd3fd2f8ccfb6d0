namespace Slidebridge.Security;

/// <summary>A directory that only its owner can enter.</summary>
static class PrivateDirectory
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates the directory if it does not exist. The mode of an existing directory does not change.</summary>
    /// <exception cref="IOException">The directory cannot be created.</exception>
    public static DirectoryInfo Create(string path) =>
        OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, OwnerOnly);

    /// <summary>Creates the directory, or closes an existing one to everybody but its owner.</summary>
    /// <exception cref="IOException">The directory cannot be created, or others can enter it and this user may not change that.</exception>
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
            throw new IOException($"Other users can enter {path}, and this user may not change that, so they could read tokens and patients' results. Run 'chmod 700' on the directory as its owner, or use another directory.", e);
        }
    }

    /// <summary>Closes the files of a directory to everybody but their owner. The directory already keeps others out; this protects a file that is moved out of it.</summary>
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
                // Another user's file: not the bridge's.
            }
        }
    }
}
