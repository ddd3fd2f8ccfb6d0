using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Sources;

/// <summary>A slide in a file, read at random; nothing of it is kept in memory.</summary>
public sealed class FileSource : ByteSource
{
    // None for what has no byte.
    readonly SafeFileHandle? handle;
    long requests, bytesRead;

    FileSource(SafeFileHandle? handle)
    {
        this.handle = handle;
        Length = handle is null ? 0 : RandomAccess.GetLength(handle);
    }

    /// <summary>Opens a file for shared reading.</summary>
    /// <exception cref="SlideSourceException">It is missing (NotFound) or may not be read (Forbidden). The message does not name it.</exception>
    public static FileSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            // A pipe is one of them: to open it is to wait for who writes into it, and no token ends that. A link has a length of its own.
            var file = new FileInfo(path);
            if ((file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true, Length: 0 }) return new FileSource(null);
            return new FileSource(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SlideSourceException(SlideSourceFailure.NotFound, "The slide's file does not exist.");
        }
        catch (NotSupportedException)
        {
            return new FileSource(null); // A pipe that is open already, as a shell's <(command) is.
        }
        // The inner exception is left out on purpose: its message holds the file's name.
        catch (UnauthorizedAccessException)
        {
            throw new SlideSourceException(SlideSourceFailure.Forbidden, "The slide's file may not be read by this user, or it is a folder.");
        }
        catch (IOException e)
        {
            throw new SlideSourceException(SlideSourceFailure.Unreachable, $"The slide's file could not be opened (error 0x{e.HResult:x8}).", isTransient: true);
        }
    }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override SourceUsage Usage => new(Interlocked.Read(ref requests), Interlocked.Read(ref bytesRead));

    /// <inheritdoc/>
    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckRange(offset, buffer.Length);
        Interlocked.Increment(ref requests);
        // Not RandomAccess.ReadAsync: for a file that is a detour through another thread, several times the price of reading a tile.
        while (buffer.Length > 0)
        {
            int read;
            try
            {
                read = RandomAccess.Read(handle!, buffer.Span, offset);
            }
            catch (IOException e)
            {
                throw new SlideSourceException(SlideSourceFailure.Unreachable, $"The slide's file could not be read at byte {offset} (error 0x{e.HResult:x8}).", isTransient: true);
            }
            if (read == 0)
                throw new SlideSourceException(SlideSourceFailure.Changed, $"The slide's file was {Length} bytes when opened and now ends at {offset}.");
            Interlocked.Add(ref bytesRead, read);
            offset += read;
            buffer = buffer[read..];
        }
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        handle?.Dispose();
        return default;
    }
}
