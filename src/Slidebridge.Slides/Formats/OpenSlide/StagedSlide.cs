using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>
/// A slide copied to a temporary file, for a library that opens files by path. The file lies in a folder that only its owner can enter;
/// both are deleted when this object is disposed, or when copying fails or is cancelled.
/// </summary>
sealed class StagedSlide : IDisposable
{
    const int ChunkBytes = 1024 * 1024;

    readonly DirectoryInfo folder;

    StagedSlide(DirectoryInfo folder) => this.folder = folder;

    public string Path => System.IO.Path.Combine(folder.FullName, "slide");

    /// <exception cref="SlideFormatException">The slide is larger than <see cref="SlideOptions.MaxDownloadBytes"/>.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched, or there is not enough disk space for them.</exception>
    public static async Task<StagedSlide> CopyAsync(ByteSource source, SlideOptions options, CancellationToken cancellationToken)
    {
        if (source.Length > options.MaxDownloadBytes)
            throw new SlideFormatException($"The slide is read through OpenSlide, which needs a copy of its {source.Length} bytes; at most {options.MaxDownloadBytes} bytes are copied (SlideOptions.MaxDownloadBytes).");
        StagedSlide? staged = null;
        try
        {
            // Mode 0700 on Unix.
            staged = new StagedSlide(options.TemporaryDirectory is { } parent
                ? new DirectoryInfo(TemporaryFile.FolderOf(System.IO.Path.Combine(parent, $"slidebridge-staged-{Guid.NewGuid():n}")))
                : Directory.CreateTempSubdirectory("slidebridge-staged-"));
            using var file = File.OpenHandle(staged.Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
            await CopyAsync(source, file, options, cancellationToken);
            return staged;
        }
        // The inner exception is left out on purpose: its message contains the folder's name.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            staged?.Dispose();
            throw new SlideSourceException(
                SlideSourceFailure.Unreachable, $"The slide could not be copied to a temporary file for OpenSlide (error 0x{e.HResult:x8}). Check that the folder for temporary files (TMPDIR) has enough free space.", isTransient: true);
        }
        catch
        {
            staged?.Dispose();
            throw;
        }
    }

    static async Task CopyAsync(ByteSource source, SafeFileHandle file, SlideOptions options, CancellationToken cancellationToken)
    {
        long done = 0;
        var gate = new Lock();
        var room = new DiskRoom(TemporaryFile.FolderOf(options.TemporaryDirectory), options.MinFreeBytes);
        options.Staging?.Report(new StagingProgress(0, source.Length));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(source.PreferredConcurrency, 8), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Chunks(source.Length), parallel, async (offset, token) =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
            try
            {
                var bytes = buffer.AsMemory(0, (int)Math.Min(ChunkBytes, source.Length - offset));
                await source.ReadAsync(offset, bytes, token);
                if (!room.Take(bytes.Length)) throw TemporaryFile.NoRoom();
                await RandomAccess.WriteAsync(file, bytes, offset, token);
                options.Copied?.Report(bytes.Length);
                // One report at a time, so that progress never decreases.
                lock (gate) options.Staging?.Report(new StagingProgress(done += bytes.Length, source.Length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        });
    }

    public void Dispose()
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // If another program still has the file open, the system's cleaning of its temporary folder deletes it later.
        }
    }

    static IEnumerable<long> Chunks(long length)
    {
        for (long offset = 0; offset < length; offset += ChunkBytes) yield return offset;
    }
}
