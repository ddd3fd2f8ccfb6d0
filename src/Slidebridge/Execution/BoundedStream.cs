using Slidebridge.Slides;

namespace Slidebridge.Execution;

/// <summary>Passes writes on to a file while the file's disk has enough free space.</summary>
/// <param name="destination">The file.</param>
/// <param name="path">Its path.</param>
/// <param name="minFree">Bytes of disk space that must stay free.</param>
sealed class BoundedStream(Stream destination, string path, long minFree) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Each write is megabytes, so the free space is checked for every one.
        if (new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace - buffer.Length < minFree)
            throw new SlideSourceException(SlideSourceFailure.Unreachable, "The slide could not be copied to this machine: the free disk space is below --min-free.", isTransient: true);
        await destination.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is written asynchronously.");

    public override void Flush() => destination.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
