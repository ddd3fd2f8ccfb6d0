using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>A file of this process that is read at random while an index is made. What was read counts as memory of the process until it is released.</summary>
sealed unsafe class MappedFile : IDisposable
{
    /// <summary>Bytes that may be read before they are released: each is only read again, from the system's own cache.</summary>
    const long MostRead = 64L << 20;

    const int PageBytes = 4096;

    readonly MemoryMappedFile file;
    readonly long length;
    MemoryMappedViewAccessor view;
    byte* start;
    long read;

    /// <param name="stream">An open file; nobody shortens it while it is mapped.</param>
    /// <param name="length">Bytes from the start of the file; more than 0.</param>
    public MappedFile(FileStream stream, long length)
    {
        stream.Flush();
        this.length = length;
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = Map();
    }

    MemoryMappedViewAccessor Map()
    {
        var mapped = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        mapped.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        start = pointer + mapped.PointerOffset;
        return mapped;
    }

    void Unmap()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
    }

    /// <summary>Gives back the memory of what was read, if it is much. What <see cref="Slice"/> has returned must not be used any more.</summary>
    public void Release()
    {
        if (read < MostRead) return;
        read = 0;
        Unmap();
        view = Map();
    }

    /// <summary>Values of the file.</summary>
    /// <param name="offset">In bytes.</param>
    /// <param name="count">In values.</param>
    public ReadOnlySpan<T> Slice<T>(long offset, int count)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + (long)count * sizeof(T), length);
        // A value brings its whole page.
        read += PageBytes + (long)count * sizeof(T);
        return MemoryMarshal.Cast<byte, T>(new ReadOnlySpan<byte>(start + offset, checked(count * sizeof(T))));
    }

    public void Dispose()
    {
        Unmap();
        file.Dispose();
    }
}
