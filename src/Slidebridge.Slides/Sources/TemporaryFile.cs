using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// A file that is gone when it is closed, for a slide's bytes that must not be held in memory.
/// It has no name any more while it is used (on Windows: is deleted when closed), so that nothing is left behind, not even by a crash.
/// </summary>
sealed class TemporaryFile : IDisposable
{
    readonly SafeFileHandle handle;
    readonly DiskRoom room;
    readonly IProgress<long>? copied;

    TemporaryFile(SafeFileHandle handle, DiskRoom room, IProgress<long>? copied) => (this.handle, this.room, this.copied) = (handle, room, copied);

    public long Length => RandomAccess.GetLength(handle);

    /// <summary>Creates an empty one in <see cref="SlideOptions.TemporaryDirectory"/>.</summary>
    /// <exception cref="SlideSourceException">There is no room or no right to.</exception>
    public static TemporaryFile Create(SlideOptions options) => Create(options.TemporaryDirectory, options.MinFreeBytes, options.Copied);

    /// <summary>Creates an empty one.</summary>
    /// <param name="directory">Made where it is missing; null: the system's folder for temporary files.</param>
    /// <param name="minFree">Bytes that it leaves free on its disk.</param>
    /// <param name="copied">Told the bytes of each piece that is written.</param>
    /// <exception cref="SlideSourceException">There is no room or no right to.</exception>
    public static TemporaryFile Create(string? directory, long minFree, IProgress<long>? copied = null)
    {
        try
        {
            var folder = FolderOf(directory);
            var path = Path.Combine(folder, $"slidebridge-{Guid.NewGuid():n}.part");
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose | FileOptions.RandomAccess);
            // A patient's slide: on Unix the open file lives on without its name, whatever becomes of this process.
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return new TemporaryFile(file, new DiskRoom(folder, minFree), copied);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("be created", e);
        }
    }

    /// <summary>The folder for temporary files, made where it is missing: for its owner only, as slides are patients'.</summary>
    public static string FolderOf(string? directory)
    {
        if (directory is null) return Path.GetTempPath();
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return directory;
    }

    /// <summary>No room: transient, for another task may free it.</summary>
    public static SlideSourceException NoRoom() => new(
        SlideSourceFailure.Unreachable, "The folder for temporary files has no room for the slide: its disk has less free than is to stay free (SlideOptions.MinFreeBytes; of a bridge --min-free). Make room.", isTransient: true);

    /// <summary>True where so many bytes more may be written.</summary>
    public bool HasRoom(long bytes) => room.Take(bytes);

    /// <exception cref="SlideSourceException">The disk is full, or fails.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        if (!room.Take(bytes.Length)) throw NoRoom();
        Overwrite(bytes, offset);
        copied?.Report(bytes.Length);
    }

    /// <summary>As <see cref="Write"/>, for bytes whose room was taken before.</summary>
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
