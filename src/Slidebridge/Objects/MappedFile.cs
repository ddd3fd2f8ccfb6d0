using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>A file of this process that is read at random while an index is made. The operating system keeps in memory what fits.</summary>
sealed unsafe class MappedFile : IDisposable
{
    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly byte* start;
    readonly long length;

    /// <param name="stream">An open file; nobody shortens it while it is mapped.</param>
    /// <param name="length">Bytes from the start of the file; more than 0.</param>
    public MappedFile(FileStream stream, long length)
    {
        stream.Flush();
        this.length = length;
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        start = pointer + view.PointerOffset;
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
        return MemoryMarshal.Cast<byte, T>(new ReadOnlySpan<byte>(start + offset, checked(count * sizeof(T))));
    }

    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }
}
