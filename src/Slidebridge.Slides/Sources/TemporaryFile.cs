using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// A file that is deleted when it is closed, for a slide's bytes that must not be held in memory.
/// While it is used it has no name (on Windows: it is deleted when closed), so that nothing remains on disk, even after a crash.
/// </summary>
sealed class TemporaryFile : IDisposable
{
    readonly SafeFileHandle handle;
    readonly DiskRoom room;
    readonly IProgress<long>? copied;

    TemporaryFile(SafeFileHandle handle, DiskRoom room, IProgress<long>? copied) => (this.handle, this.room, this.copied) = (handle, room, copied);

    public long Length => RandomAccess.GetLength(handle);

    /// <summary>Creates an empty file in <see cref="SlideOptions.TemporaryDirectory"/>.</summary>
    /// <exception cref="SlideSourceException">There is not enough disk space, or no permission.</exception>
    public static TemporaryFile Create(SlideOptions options) => Create(options.TemporaryDirectory, options.MinFreeBytes, options.Copied);

    /// <summary>Creates an empty file.</summary>
    /// <param name="directory">Created if it is missing; null: the system's folder for temporary files.</param>
    /// <param name="minFree">Bytes that the file leaves free on its disk.</param>
    /// <param name="copied">Receives the bytes of each piece that is written.</param>
    /// <exception cref="SlideSourceException">There is not enough disk space, or no permission.</exception>
    public static TemporaryFile Create(string? directory, long minFree, IProgress<long>? copied = null)
    {
        try
        {
            var folder = FolderOf(directory);
            var path = Path.Combine(folder, $"slidebridge-{Guid.NewGuid():n}.part");
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose | FileOptions.RandomAccess);
            // The bytes are a patient's slide. On Unix the open file remains usable without a name, and disappears when this process ends, however it ends.
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return new TemporaryFile(file, new DiskRoom(folder, minFree), copied);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("be created", e);
        }
    }

    /// <summary>The folder for temporary files, created if it is missing. Only its owner can enter it, because slides are patient data.</summary>
    public static string FolderOf(string? directory)
    {
        if (directory is null) return Path.GetTempPath();
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return directory;
    }

    /// <summary>No disk space: transient, because another task may free some.</summary>
    public static SlideSourceException NoRoom() => new(
        SlideSourceFailure.Unreachable, "The disk of the folder for temporary files is too full for the slide: less would stay free than the minimum (SlideOptions.MinFreeBytes; --min-free of the bridge). Free some disk space.", isTransient: true);

    /// <summary>True if this many further bytes may be written.</summary>
    public bool HasRoom(long bytes) => room.Take(bytes);

    /// <exception cref="SlideSourceException">The disk is full, or fails.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        if (!room.Take(bytes.Length)) throw NoRoom();
        Overwrite(bytes, offset);
        copied?.Report(bytes.Length);
    }

    /// <summary>Like <see cref="Write"/>, for bytes whose disk space was already counted.</summary>
    public void Overwrite(ReadOnlySpan<byte> bytes, long offset)
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

    /// <summary>Fills the whole buffer.</summary>
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
            if (read == 0) throw new SlideSourceException(SlideSourceFailure.Truncated, "The slide's temporary file is truncated.");
            offset += read;
            buffer = buffer[read..];
        }
    }

    public void Dispose() => handle.Dispose();

    // Transient: another task may free disk space.
    static SlideSourceException Failed(string what, Exception e) => new(
        SlideSourceFailure.Unreachable,
        $"A temporary file for the slide could not {what} (error 0x{e.HResult:x8}). Check that the folder for temporary files (TMPDIR) has enough free space.", isTransient: true);
}
