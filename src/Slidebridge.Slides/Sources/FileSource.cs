using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Sources;

/// <summary>A slide in a file, with random access; no bytes are cached in memory.</summary>
public sealed class FileSource : ByteSource
{
    // Null for an empty file.
    readonly SafeFileHandle? handle;
    readonly FetchedRanges fetched = new();
    long requests, bytesRead;

    FileSource(SafeFileHandle? handle)
    {
        this.handle = handle;
        Length = handle is null ? 0 : RandomAccess.GetLength(handle);
    }

    /// <summary>Opens a file for shared reading.</summary>
    /// <exception cref="SlideSourceException">The file is missing (NotFound), or there is no permission to read it (Forbidden). The message does not name the file.</exception>
    public static FileSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            // The file may be a pipe: opening it waits for a writer, and no token can cancel that. A link has its own length.
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
            return new FileSource(null); // A pipe that is already open, such as a shell's <(command).
        }
        // The inner exception is left out on purpose: its message contains the file's name.
        catch (UnauthorizedAccessException)
        {
            throw new SlideSourceException(SlideSourceFailure.Forbidden, "This user has no permission to read the slide's file, or it is a folder.");
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
    public override IReadOnlyList<ByteRange> Fetched => fetched.Within(Length);

    /// <inheritdoc/>
    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckRange(offset, buffer.Length);
        Interlocked.Increment(ref requests);
        // Not RandomAccess.ReadAsync: for a file it switches to another thread, which costs several times as much as reading a tile.
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
            fetched.Add(offset, read);
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
