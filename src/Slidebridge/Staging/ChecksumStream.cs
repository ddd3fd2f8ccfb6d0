using System.IO.Hashing;

namespace Slidebridge.Staging;

/// <summary>Writes to a part and computes the checksum of what is written.</summary>
/// <param name="destination">The part.</param>
/// <param name="total">The total number of bytes.</param>
sealed class ChecksumStream(StagedPart destination, long total) : Stream
{
    readonly XxHash128 hash = new();

    /// <summary>The XXH128 of the bytes written so far, in hexadecimal.</summary>
    public string Checksum => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => Written; set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        hash.Append(buffer.Span);
        await destination.WriteAsync(buffer, total, cancellationToken);
        Written += buffer.Length;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is written asynchronously.");

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
