namespace Slidebridge.Staging;

/// <summary>A copy that is being written. Room for its bytes is reserved in steps, ahead of the writes.</summary>
sealed class StagedPart(FileStream file, StagingDirectory directory) : IDisposable
{
    // Reading the directory takes milliseconds if it has thousands of copies. Never reserve more than has already been received: a length that a server only claims must not evict copies.
    const long LargestStep = 32L * 1024 * 1024;

    public FileStream File => file;

    /// <summary>Bytes that are reserved. Guarded by the directory's lock.</summary>
    public long Room { get; set; }

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    /// <param name="bytes">The bytes to append.</param>
    /// <param name="total">Bytes of the whole copy: no more than this is reserved.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    /// <exception cref="Slides.SlideSourceException">There is no room.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, long total, CancellationToken cancellationToken)
    {
        var needed = Written + bytes.Length;
        if (needed > Room) directory.Grow(this, Math.Max(needed, Math.Min(total, needed + Math.Min(LargestStep, needed))));
        await file.WriteAsync(bytes, cancellationToken);
        Written = needed;
    }

    /// <summary>Closes and deletes the file, unless it was completed.</summary>
    public void Dispose() => directory.Discard(this);
}
