namespace Slidebridge.Staging;

/// <summary>A copy that is being written. Room for its bytes is taken a step ahead of them.</summary>
sealed class StagedPart(FileStream file, StagingDirectory directory) : IDisposable
{
    // A look at the directory costs milliseconds where there are thousands of copies. Never more than has come already: what a server claims drives no copy out.
    const long LargestStep = 32L * 1024 * 1024;

    public FileStream File => file;

    /// <summary>Bytes for which room was taken. Guarded by the directory's lock.</summary>
    public long Room { get; set; }

    /// <summary>Bytes that were written.</summary>
    public long Written { get; private set; }

    /// <param name="bytes">Appended.</param>
    /// <param name="total">Bytes of the whole copy: no room is taken beyond it.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    /// <exception cref="Slides.SlideSourceException">There is no room.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, long total, CancellationToken cancellationToken)
    {
        var needed = Written + bytes.Length;
        if (needed > Room) directory.Grow(this, Math.Max(needed, Math.Min(total, needed + Math.Min(LargestStep, needed))));
        await file.WriteAsync(bytes, cancellationToken);
        Written = needed;
    }

    /// <summary>Closes and deletes it, unless it was completed.</summary>
    public void Dispose() => directory.Discard(this);
}
