using System.Buffers;

namespace Slidebridge.Slides.Sources;

/// <summary>A slide from a server that ignores Range: its body is streamed once to a temporary file, never held in memory.</summary>
sealed class DownloadedSource : ByteSource
{
    const int BufferBytes = 128 * 1024;

    // Enough bytes to recognise a compressed body.
    const int HeadBytes = 16;

    readonly TemporaryFile file;
    readonly SourceUsage usage;

    DownloadedSource(TemporaryFile file, SourceUsage usage)
    {
        this.file = file;
        this.usage = usage;
        Length = file.Length;
    }

    public override long Length { get; }

    public override SourceUsage Usage => usage;

    public override IReadOnlyList<ByteRange> Fetched => Length > 0 ? [new ByteRange(0, Length)] : [];

    /// <summary>Streams a whole body. A truncated body is a transient failure.</summary>
    public static async Task<ByteSource> DownloadAsync(RangeClient client, HttpResponseMessage answer, RangeBody body, SlideOptions options, CancellationToken cancellationToken)
    {
        var promised = answer.Content.Headers.ContentLength;
        CheckSize(client, promised ?? 0, options);
        var file = TemporaryFile.Create(options);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long written = 0;
            var packing = ObjectVersion.Of(answer).Packing;
            for (int read; (read = written == 0 ? await body.ReadFullAsync(buffer.AsMemory(0, HeadBytes)) : await body.ReadAsync(buffer)) > 0; written += read)
            {
                if (written == 0 && packing is not null && RangeAnswers.IsPacked(packing, buffer.AsSpan(0, read))) throw client.Answers.Packed(packing);
                cancellationToken.ThrowIfCancellationRequested();
                CheckSize(client, written + read, options);
                file.Write(buffer.AsSpan(0, read), written);
            }
            if (promised is { } length && length != written) throw client.Answers.Fail(SlideSourceFailure.Truncated, $"sent {written} of {length} bytes", null, transient: true);
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

    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        file.Read(offset, buffer.Span);
        return default;
    }

    public override ValueTask DisposeAsync()
    {
        file.Dispose();
        return default;
    }

    static void CheckSize(RangeClient client, long bytes, SlideOptions options)
    {
        if (bytes > options.MaxDownloadBytes)
            throw client.Answers.Fail(SlideSourceFailure.Server, $"ignores Range and would send {bytes} bytes or more; at most {options.MaxDownloadBytes} are downloaded (SlideOptions.MaxDownloadBytes)", null);
    }
}
