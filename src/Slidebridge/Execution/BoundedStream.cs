using Slidebridge.Slides;

namespace Slidebridge.Execution;

/// <summary>Passes on what is written to a file, as long as its disk keeps as much free as it is to have.</summary>
/// <param name="destination">The file.</param>
/// <param name="path">Its path.</param>
/// <param name="minFree">Bytes that stay free.</param>
sealed class BoundedStream(Stream destination, string path, long minFree) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A copy comes in pieces of megabytes: the system is asked for each.
        if (new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace - buffer.Length < minFree)
            throw new SlideSourceException(SlideSourceFailure.Unreachable, "The slide could not be copied to this machine: its disk has less free than is to stay free (--min-free).", isTransient: true);
        await destination.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is written asynchronously.");

    public override void Flush() => destination.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
