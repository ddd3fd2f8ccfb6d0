using System.Buffers;
using System.IO.MemoryMappedFiles;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// Pixels that the bridge decodes and a program reads from the same memory: a file in <c>/dev/shm</c>, or on disk if there is no
/// room. The file is deleted on disposal; a program that has mapped it keeps its mapping.
/// </summary>
sealed unsafe class SharedPixels : MemoryManager<byte>
{
    /// <summary>The file system in memory.</summary>
    public const string InMemory = "/dev/shm";

    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly int length;
    readonly Action released;
    byte* start;

    SharedPixels(string path, MemoryMappedFile file, int length, Action released)
    {
        this.released = released;
        Path = path;
        this.file = file;
        this.length = length;
        view = file.CreateViewAccessor(0, length);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    /// <summary>The path of the file, for the program.</summary>
    public string Path { get; }

    /// <summary>Creates the file and allocates its room: if pages were missing later, a process would be killed.</summary>
    /// <param name="bytes">More than 0.</param>
    /// <param name="folders">Possible folders, in order; the next one is used if there is no room.</param>
    /// <param name="user">The file's owner; null for the bridge's own user.</param>
    /// <param name="released">Called on disposal.</param>
    /// <exception cref="ClassifierException">There is no room.</exception>
    public static SharedPixels Create(int bytes, IEnumerable<string> folders, ProgramUser? user, Action released)
    {
        IOException? full = null;
        foreach (var folder in folders)
        {
            var path = System.IO.Path.Combine(folder, $"{Guid.NewGuid():n}.pixels");
            try
            {
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, PreallocationSize = bytes, BufferSize = 0 };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                var stream = new FileStream(path, options);
                stream.SetLength(bytes);
                user?.Own(path);
                return new SharedPixels(path, MemoryMappedFile.CreateFromFile(stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false), bytes, released);
            }
            catch (IOException e)
            {
                full = e;
                File.Delete(path);
            }
        }
        throw new ClassifierException($"There is no room for {bytes / 1_000_000} MB of tiles in {InMemory} or on the disk. Use a smaller batch, or give the container more shared memory.", full) { IsTransient = true };
    }

    public override Span<byte> GetSpan() => new(start, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    public override void Unpin()
    {
        // The memory is mapped, so it does not move.
    }

    protected override void Dispose(bool disposing)
    {
        if (start is null) return;
        start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
        Remove(Path);
        released();
    }

    static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's file.
        }
    }
}
