using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// A deflated object, unpacked once, by its first readers, into a temporary file. Its size and checksum must equal
/// the stated ones: with more bytes it is a zip bomb, with fewer it is damaged.
/// </summary>
/// <remarks>With <see cref="SlideOptions.WithholdLabels"/>, it is unpacked only as far as it is read, and checked when its end is reached: it may be a label.</remarks>
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
    volatile Unpacking? started;
    bool isCareful = options.WithholdLabels;

    long? measured;

    public override long Length => measured ?? length;

    /// <summary>True if the full length is stated. If not, <see cref="MeasureAsync"/> determines it.</summary>
    public bool IsMeasured => length == most;

    public override SourceUsage Usage => default;

    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        var needed = options.WithholdLabels ? offset + buffer.Length : long.MaxValue;
        var file = started is { } ready && ready.Has(needed) ? ready.File : await UnpackAsync(needed, cancellationToken);
        file.Read(offset, buffer.Span);
    }

    public override void Withhold(ByteRange known, IReadOnlyList<ByteRange> withhold)
    {
        base.Withhold(known, withhold);
        // To read any byte that is not unpacked yet, all bytes before it must be fetched, those to withhold too.
        var done = started?.Written ?? 0;
        if (!ByteRanges.Outside(Withheld, new ByteRange(done, Length - done)).Any()) return;
        packed.Withhold(new ByteRange(0, packed.Length), []);
        isCareful = false;
        if (started is { } ready) ready.Stream.IsCareful = false;
    }

    /// <summary>Where an unpacked byte lies among the packed ones is not known: all packed bytes, or, if nothing more is unpacked, those that are not fetched.</summary>
    internal override (ByteSource Opened, IReadOnlyList<ByteRange> Bytes) PlaceOf(IReadOnlyList<ByteRange> bytes)
    {
        if (bytes.Count == 0) return packed.PlaceOf([]);
        var from = isCareful && started?.Stream.Fetched is { } fetched && fetched < packed.Length ? fetched : 0;
        return packed.PlaceOf([new ByteRange(from, packed.Length - from)]);
    }

    public override async ValueTask DisposeAsync()
    {
        if (started is { } last) await last.DisposeAsync();
        unpacking.Dispose();
    }

    /// <summary>Unpacks the whole object now and returns its length.</summary>
    public async Task<long> MeasureAsync(CancellationToken cancellationToken)
    {
        var found = (await UnpackAsync(long.MaxValue, cancellationToken)).Length;
        measured = found;
        return found;
    }

    /// <summary>Unpacks at least the first <paramref name="needed"/> bytes. If that fails, the next reader restarts it.</summary>
    async ValueTask<TemporaryFile> UnpackAsync(long needed, CancellationToken cancellationToken)
    {
        await unpacking.WaitAsync(cancellationToken);
        try
        {
            started ??= new Unpacking(packed, TemporaryFile.Create(options), isCareful);
            await UnpackAsync(started, needed, cancellationToken);
            return started.File;
        }
        catch
        {
            if (started is { } failed) await failed.DisposeAsync();
            started = null;
            throw;
        }
        finally
        {
            unpacking.Release();
        }
    }

    async Task UnpackAsync(Unpacking state, long needed, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (!state.Has(needed) || (!state.IsEnded && state.Written >= length))
            {
                var read = await state.Deflate.ReadAsync(buffer, cancellationToken);
                if (read == 0) CheckEnd(state);
                else if (state.Written + read > most) throw new SlideFormatException($"{name} unpacks to more than the allowed {most} bytes: it is a zip bomb, or damaged.", offset);
                state.Append(buffer.AsSpan(0, read));
            }
        }
        catch (InvalidDataException e)
        {
            throw new SlideFormatException($"{name} is not a valid deflate stream. The zip is damaged: copy it again.", offset, innerException: e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    void CheckEnd(Unpacking state)
    {
        if (state.Written < length || (state.Written - length) % (1L << 32) != 0) throw new SlideFormatException($"{name} unpacks to {state.Written} bytes instead of {length}. The zip is damaged or truncated: copy it again.", offset);
        if (state.Crc.GetCurrentHashAsUInt32() != checksum) throw new SlideFormatException($"{name} does not have the checksum that the zip states. The zip is damaged: copy it again.", offset);
    }

    /// <summary>The state between two reads.</summary>
    sealed class Unpacking : IAsyncDisposable
    {
        long written;
        volatile bool isEnded;

        public Unpacking(ByteSource packed, TemporaryFile file, bool isCareful)
        {
            File = file;
            Stream = new SourceStream(packed, isCareful);
            Deflate = new DeflateStream(Stream, CompressionMode.Decompress, leaveOpen: true);
        }

        public TemporaryFile File { get; }

        public SourceStream Stream { get; }

        public DeflateStream Deflate { get; }

        public Crc32 Crc { get; } = new();

        public long Written => Volatile.Read(ref written);

        public bool IsEnded => isEnded;

        /// <summary>True if this number of bytes is unpacked, or the end is reached.</summary>
        public bool Has(long needed) => isEnded || Written >= needed;

        /// <summary>Keeps the next bytes; none at the end.</summary>
        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (bytes.IsEmpty)
            {
                isEnded = true;
                return;
            }
            Crc.Append(bytes);
            File.Write(bytes, written);
            Volatile.Write(ref written, written + bytes.Length);
        }

        public async ValueTask DisposeAsync()
        {
            await Deflate.DisposeAsync();
            await Stream.DisposeAsync();
            File.Dispose();
        }
    }
}
