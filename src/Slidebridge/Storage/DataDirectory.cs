using Slidebridge.Security;

namespace Slidebridge.Storage;

/// <summary>The directory that holds everything the bridge keeps. One process owns it at a time.</summary>
sealed class DataDirectory : IDisposable
{
    readonly FileStream owned;

    /// <summary>Creates the directory where it is missing and takes it.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be written.</exception>
    public DataDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        PrivateDirectory.CreateOrClose(Path); // Tokens and patients' results lie in it.
        try
        {
            owned = new FileStream(File("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"The data directory {Path} is in use by another Slidebridge; stop it or give --data another directory.", e);
        }
        PrivateDirectory.CloseFiles(Path); // An earlier version's, or somebody's copy.
        if (Directory.Exists(Workplace)) Directory.Delete(Workplace, recursive: true); // Of tasks that a killed process was at.
        Directory.CreateDirectory(File("work", "tmp"));
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Where files of running tasks lie.</summary>
    public string Workplace => File("work");

    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Dispose() => owned.Dispose();
}
