namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Reads forward through an object by windows: the first is small and the next ones grow, so a header needs one read and a long list few;
/// after a jump over a long value the windows are small again.
/// </summary>
/// <param name="source">The object.</param>
/// <param name="position">The first byte to read.</param>
/// <param name="smallest">Bytes of the first window.</param>
/// <param name="largest">Bytes of the largest window: by default one request over a network. It is the fifth window at the earliest, so a short header causes little useless reading.</param>
/// <param name="mostReads">Maximum number of windows: an object that needs more is malicious.</param>
sealed class DicomCursor(ByteSource source, long position, int smallest = 16 * 1024, int largest = 4 * 1024 * 1024, int mostReads = 16 * 1024)
{
    byte[] window = [];
    long start;
    int length, size, reads;

    public long Position { get; private set; } = position;

    public long Length => source.Length;

    /// <summary>The end of the last window.</summary>
    public long ReadUpTo => start + length;

    /// <summary>The next bytes; the position does not change.</summary>
    /// <exception cref="SlideFormatException">The object ends before these bytes.</exception>
    public ValueTask<ReadOnlyMemory<byte>> PeekAsync(int count, CancellationToken cancellationToken)
    {
        var within = Position - start;
        return within >= 0 && within + count <= length
            ? new(window.AsMemory((int)within, count))
            : FillAsync(count, cancellationToken);
    }

    public void Skip(long count) => Position += count;

    async ValueTask<ReadOnlyMemory<byte>> FillAsync(int count, CancellationToken cancellationToken)
    {
        if (Position > source.Length - count)
            throw new SlideFormatException($"The DICOM object ends at byte {source.Length} in the middle of an element. It is truncated: copy it again.", Position);
        if (++reads > mostReads)
            throw new SlideFormatException($"The DICOM object has no pixels up to byte {Position}. It is damaged.", Position);
        // A jump of less than a window does not reset the window: when frames are walked, the next header is usually just behind it.
        size = length > 0 && Position <= start + length + size ? Math.Min(size * 4, largest) : smallest;
        var wanted = (int)Math.Min(Math.Max(size, count), source.Length - Position);
        if (window.Length < wanted) window = new byte[wanted];
        // Mark the window invalid while it is filled: after a cancelled read it must not be used.
        length = 0;
        await source.ReadAsync(Position, window.AsMemory(0, wanted), cancellationToken);
        (start, length) = (Position, wanted);
        return window.AsMemory(0, count);
    }
}
