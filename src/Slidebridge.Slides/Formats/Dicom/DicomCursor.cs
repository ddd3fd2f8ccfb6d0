namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Walks forward through an object by windows: the first is small, those that follow on it grow, so a header costs one read and a long list few;
/// after a jump over something long it starts small again.
/// </summary>
/// <param name="source">The object.</param>
/// <param name="position">Where the walk begins.</param>
/// <param name="smallest">Bytes of the first window.</param>
/// <param name="mostReads">Windows at most: more is made to keep a reader busy.</param>
sealed class DicomCursor(ByteSource source, long position, int smallest = 16 * 1024, int mostReads = 16 * 1024)
{
    // One request over a network. It is the fifth window at the earliest, so little is read in vain of a short header.
    const int Largest = 4 * 1024 * 1024;

    byte[] window = [];
    long start;
    int length, size, reads;

    public long Position { get; private set; } = position;

    public long Length => source.Length;

    /// <summary>The next bytes, without passing them.</summary>
    /// <exception cref="SlideFormatException">The object ends before.</exception>
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
            throw new SlideFormatException($"The DICOM object ends at byte {source.Length} in the middle of an element. It was cut short: copy it again.", Position);
        if (++reads > mostReads)
            throw new SlideFormatException($"The DICOM object has still not come to its pixels at byte {Position}. It is damaged.", Position);
        // A jump of less than a window still counts as followed on: a header just behind it is the rule when frames are walked.
        size = length > 0 && Position <= start + length + size ? Math.Min(size * 4, Largest) : smallest;
        var wanted = (int)Math.Min(Math.Max(size, count), source.Length - Position);
        if (window.Length < wanted) window = new byte[wanted];
        // Not valid while it is filled: a cancelled read leaves nothing behind that looks like bytes.
        length = 0;
        await source.ReadAsync(Position, window.AsMemory(0, wanted), cancellationToken);
        (start, length) = (Position, wanted);
        return window.AsMemory(0, count);
    }
}
