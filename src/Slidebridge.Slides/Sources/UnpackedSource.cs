using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// A deflated object, unpacked once, by its first reader, into a temporary file. Its size and checksum must equal
/// the stated ones: with more bytes it is a zip bomb, with fewer it is damaged.
/// </summary>
/// <param name="packed">The deflate stream, without a header.</param>
/// <param name="length">The unpacked bytes; modulo 2³² if <paramref name="most"/> is larger.</param>
/// <param name="most">Maximum unpacked bytes.</param>
/// <param name="checksum">Their CRC-32.</param>
/// <param name="name">Its name in messages.</param>
/// <param name="offset">Its position, for messages.</param>
/// <param name="options">For the temporary file.</param>
sealed class UnpackedSource(ByteSource packed, long length, long most, uint checksum, string name, long offset, SlideOptions options) : ByteSource
{
    const int BufferBytes = 256 * 1024;

    readonly SemaphoreSlim unpacking = new(1, 1);
    volatile TemporaryFile? file;

    long? measured;

    public override long Length => measured ?? length;

    /// <summary>True if the full length is stated. If not, <see cref="MeasureAsync"/> determines it.</summary>
    public bool IsMeasured => length == most;

    public override SourceUsage Usage => default;

    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        (file ?? await FileAsync(cancellationToken)).Read(offset, buffer.Span);
    }

    public override ValueTask DisposeAsync()
    {
        file?.Dispose();
        unpacking.Dispose();
        return default;
    }

    /// <summary>Unpacks the object now and returns its length.</summary>
    public async Task<long> MeasureAsync(CancellationToken cancellationToken)
    {
        var found = (await FileAsync(cancellationToken)).Length;
        measured = found;
        return found;
    }

    async ValueTask<TemporaryFile> FileAsync(CancellationToken cancellationToken)
    {
        await unpacking.WaitAsync(cancellationToken);
        try
        {
            return file ??= await UnpackAsync(cancellationToken);
        }
        finally
        {
            unpacking.Release();
        }
    }

    async Task<TemporaryFile> UnpackAsync(CancellationToken cancellationToken)
    {
        var unpacked = TemporaryFile.Create(options);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var stream = new SourceStream(packed);
            await using var deflate = new DeflateStream(stream, CompressionMode.Decompress, leaveOpen: true);
            var crc = new Crc32();
            long written = 0;
            for (int read; (read = await deflate.ReadAsync(buffer, cancellationToken)) > 0; written += read)
            {
                if (written + read > most) throw new SlideFormatException($"{name} unpacks to more than the allowed {most} bytes: it is a zip bomb, or damaged.", offset);
                crc.Append(buffer.AsSpan(0, read));
                unpacked.Write(buffer.AsSpan(0, read), written);
            }
            if (written < length || (written - length) % (1L << 32) != 0) throw new SlideFormatException($"{name} unpacks to {written} bytes instead of {length}. The zip is damaged or truncated: copy it again.", offset);
            if (crc.GetCurrentHashAsUInt32() != checksum) throw new SlideFormatException($"{name} does not have the checksum that the zip states. The zip is damaged: copy it again.", offset);
            return unpacked;
        }
        catch (InvalidDataException e)
        {
            unpacked.Dispose();
            throw new SlideFormatException($"{name} is not a valid deflate stream. The zip is damaged: copy it again.", offset, innerException: e);
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
