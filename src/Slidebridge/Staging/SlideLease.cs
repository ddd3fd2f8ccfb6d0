using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Staging;

/// <summary>A staged slide in use: its file is not deleted until this is disposed.</summary>
sealed class SlideLease : IDisposable
{
    readonly SafeFileHandle file;

    SlideLease(string path, SafeFileHandle file)
    {
        Path = path;
        this.file = file;
    }

    public string Path { get; }

    /// <summary>Opens the file, or returns null if it does not exist or is being deleted. The open handle is a shared lock (flock), which other processes see too.</summary>
    public static SlideLease? Take(string path)
    {
        try
        {
            return new SlideLease(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}
