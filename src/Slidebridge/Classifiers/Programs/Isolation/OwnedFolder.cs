using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// A folder for as long as this process lives. Beside it lies a file that is locked that long (flock): whoever finds the file unlocked knows that the
/// owner is dead, and removes both. A process's number tells nothing where containers share a folder, for each counts its own.
/// </summary>
sealed class OwnedFolder : IDisposable
{
    const string Prefix = "slidebridge-", Suffix = ".lock";

    readonly FileStream held;

    OwnedFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>Removes what dead processes have left in a folder, and makes one of this process's own.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static OwnedFolder Create(string parent)
    {
        Sweep(parent);
        for (var tries = 0; ; tries++)
        {
            var path = System.IO.Path.Combine(parent, $"{Prefix}{Guid.NewGuid():n}");
            try
            {
                // The lock comes first and goes last: no folder is ever there without one.
                var held = new FileStream(path + Suffix, Private(FileMode.CreateNew));
                PrivateDirectory.Create(path);
                return new OwnedFolder(path, held);
            }
            catch (IOException) when (tries < 3)
            {
                // Somebody swept between the file's creation and its lock.
            }
        }
    }

    /// <summary>Removes a folder with all that is in it, as far as it can be.</summary>
    public static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already, or something still writes in it; the next start sweeps it.
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
                // Its owner lives, or is another user.
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
