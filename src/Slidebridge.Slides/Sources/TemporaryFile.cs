using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// A file that is gone when it is closed, for a slide's bytes that must not be held in memory.
/// It has no name any more while it is used (on Windows: is deleted when closed), so that nothing is left behind, not even by a crash.
/// </summary>
sealed class TemporaryFile : IDisposable
{
    readonly SafeFileHandle handle;

    TemporaryFile(SafeFileHandle handle) => this.handle = handle;

    public long Length => RandomAccess.GetLength(handle);

    /// <summary>Creates an empty one in the system's folder for temporary files.</summary>
    /// <exception cref="SlideSourceException">There is no room or no right to.</exception>
    public static TemporaryFile Create()
    {
        var path = Path.Combine(Path.GetTempPath(), $"slidebridge-{Guid.NewGuid():n}.part");
        try
        {
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose | FileOptions.RandomAccess);
            // A patient's slide: on Unix the open file lives on without its name, whatever becomes of this process.
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return new TemporaryFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("be created", e);
        }
    }

    /// <exception cref="SlideSourceException">The disk is full, or fails.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(handle, bytes, offset);
        }
        catch (IOException e)
        {
            throw Failed("be written", e);
        }
    }

    /// <summary>Fills the buffer wholly.</summary>
    /// <exception cref="SlideSourceException">The disk fails, or the file ends early.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int read;
            try
            {
                read = RandomAccess.Read(handle, buffer, offset);
            }
            catch (IOException e)
            {
                throw Failed("be read", e);
            }
            if (read == 0) throw new SlideSourceException(SlideSourceFailure.Truncated, "The slide's temporary file ends early.");
            offset += read;
            buffer = buffer[read..];
        }
    }

    public void Dispose() => handle.Dispose();

    // Transient: another task may free its room.
    static SlideSourceException Failed(string what, Exception e) => new(
        SlideSourceFailure.Unreachable,
        $"A temporary file for the slide could not {what} (error 0x{e.HResult:x8}). Is there room in the folder for temporary files (TMPDIR)?", isTransient: true);
}
