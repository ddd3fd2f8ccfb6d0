using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// A slide from a server that ignores Range: its body is streamed once to a temporary file, never held in memory.
/// The file has no name any more while it is read (on Windows: is deleted when closed), so that nothing is left behind, not even by a crash.
/// </summary>
sealed class DownloadedSource : ByteSource
{
    const int BufferBytes = 128 * 1024;

    readonly SafeFileHandle file;
    readonly SourceUsage usage;

    DownloadedSource(SafeFileHandle file, SourceUsage usage)
    {
        this.file = file;
        this.usage = usage;
        Length = RandomAccess.GetLength(file);
    }

    public override long Length { get; }

    public override SourceUsage Usage => usage;

    /// <summary>Streams a whole body. Every read has the time that a request has; a body that is cut is a transient failure.</summary>
    public static async Task<ByteSource> DownloadAsync(RangeClient client, HttpResponseMessage answer, Stream body, Deadline deadline, SlideOptions options)
    {
        var promised = answer.Content.Headers.ContentLength;
        CheckSize(client, promised ?? 0, options);
        var file = CreateFile();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long written = 0;
            for (int read; (read = await client.ReadSomeAsync(body, buffer, deadline.Token)) > 0; written += read)
            {
                deadline.Extend();
                CheckSize(client, written + read, options);
                await RandomAccess.WriteAsync(file, buffer.AsMemory(0, read), written, deadline.Token);
            }
            if (promised is { } length && length != written) throw client.Fail(SlideSourceFailure.Truncated, $"sent {written} of {length} bytes", null, transient: true);
            return new DownloadedSource(file, client.Usage);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        while (buffer.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(file, buffer, offset, cancellationToken);
            if (read == 0) throw new SlideSourceException(SlideSourceFailure.Truncated, "The slide's temporary file ends early.");
            offset += read;
            buffer = buffer[read..];
        }
    }

    public override ValueTask DisposeAsync()
    {
        file.Dispose();
        return default;
    }

    static SafeFileHandle CreateFile()
    {
        var path = Path.Combine(Path.GetTempPath(), $"slidebridge-{Guid.NewGuid():n}.part");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose | FileOptions.RandomAccess);
        // A patient's slide: on Unix the open file lives on without its name, whatever becomes of this process.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }

    static void CheckSize(RangeClient client, long bytes, SlideOptions options)
    {
        if (bytes > options.MaxDownloadBytes)
            throw client.Fail(SlideSourceFailure.Server, $"ignores Range and would send {bytes} bytes or more; at most {options.MaxDownloadBytes} (SlideOptions.MaxDownloadBytes)", null);
    }
}
