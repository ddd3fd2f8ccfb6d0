using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// A folder that exists as long as this process. Beside it is a file that stays locked that long (flock): another process that finds the file unlocked knows that the
/// owner is dead, and deletes both. A process id would not show that if containers share the folder, because each container has separate ids.
/// </summary>
sealed class OwnedFolder : IDisposable
{
    const string Prefix = "slidebridge-", Suffix = ".lock";

    readonly FileStream held;

    OwnedFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>Deletes what dead processes have left in a folder, and creates one for this process.</summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public static OwnedFolder Create(string parent)
    {
        Sweep(parent);
        for (var tries = 0; ; tries++)
        {
            var path = System.IO.Path.Combine(parent, $"{Prefix}{Guid.NewGuid():n}");
            try
            {
                // The lock is created first and deleted last: no folder ever exists without one.
                var held = new FileStream(path + Suffix, Private(FileMode.CreateNew));
                PrivateDirectory.Create(path);
                return new OwnedFolder(path, held);
            }
            catch (IOException) when (tries < 3)
            {
                // Another process deleted the file between its creation and its lock.
            }
        }
    }

    /// <summary>Deletes a folder with its content, as far as possible.</summary>
    public static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Already deleted, or a process still writes in it; the next start deletes it.
        }
    }

    public void Dispose()
    {
        Remove(Path);
        if (!Directory.Exists(Path)) File.Delete(Path + Suffix);
        held.Dispose();
    }

    static void Sweep(string parent)
    {
        foreach (var file in Directory.EnumerateFiles(parent, $"{Prefix}*{Suffix}"))
        {
            try
            {
                using var taken = new FileStream(file, Private(FileMode.Open));
                var folder = file[..^Suffix.Length];
                Remove(folder);
                if (!Directory.Exists(folder)) File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its owner is alive, or is another user.
            }
        }
    }

    static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (mode is FileMode.CreateNew && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
