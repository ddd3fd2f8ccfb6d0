using Slidebridge.Security;

namespace Slidebridge.Storage;

/// <summary>The directory with all files of the bridge. One process owns it at a time.</summary>
sealed class DataDirectory : IDisposable
{
    readonly FileStream owned;

    /// <summary>Creates the directory if it does not exist, and locks it.</summary>
    /// <exception cref="IOException">Another process uses the directory, or it is not writable.</exception>
    public DataDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        PrivateDirectory.CreateOrClose(Path); // It contains tokens and patients' results.
        try
        {
            owned = new FileStream(File("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"The data directory {Path} is in use by another Slidebridge; stop it or give --data another directory.", e);
        }
        PrivateDirectory.CloseFiles(Path); // Files of an earlier version, or a copy that somebody made.
        if (Directory.Exists(Workplace)) Directory.Delete(Workplace, recursive: true); // Left by the tasks of a killed process.
        Directory.CreateDirectory(File("work", "tmp"));
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The folder for files of running tasks.</summary>
    public string Workplace => File("work");

    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Dispose() => owned.Dispose();
}
