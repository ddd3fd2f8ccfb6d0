namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>The positions of the frames of one object, or of a concatenation of objects.</summary>
abstract class FrameIndex
{
    /// <summary>The range of a frame's bytes; for encapsulated frames, including the item headers before and between the fragments.</summary>
    /// <param name="frame">From 0, below the number of frames.</param>
    /// <param name="cancellationToken">Cancels the reading of a table, or the walk to the frame.</param>
    /// <exception cref="SlideFormatException">The frame lies outside the object.</exception>
    public abstract ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken);

    /// <exception cref="SlideFormatException">The range is empty, reversed, or outside the pixels.</exception>
    protected static TileLocation Check(ByteSource source, long frame, long offset, long end, long first, long limit)
    {
        if (offset < first || end > limit || end <= offset)
            throw new SlideFormatException($"Frame {frame + 1} lies at bytes {offset} to {end}; the pixels lie at {first} to {limit}. The object is damaged or truncated: copy it again.", offset, DicomTag.PixelData);
        return new TileLocation(source, offset, end - offset);
    }
}

/// <summary>Frames of equal size, stored one after the other. PS3.5 §8.1.1.</summary>
sealed class NativeFrames(ByteSource source, long first, long frameBytes) : FrameIndex
{
    public override ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken) =>
        new(Check(source, frame, first + frame * frameBytes, first + (frame + 1) * frameBytes, first, source.Length));
}

/// <summary>Frames of several objects, numbered continuously. PS3.3 C.7.6.16.2.2.4.</summary>
/// <param name="parts">The parts in order, each with the number of its first frame.</param>
sealed class ConcatenatedFrames(IReadOnlyList<(long First, FrameIndex Frames)> parts) : FrameIndex
{
    public override ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken)
    {
        var part = parts.Count - 1;
        while (part > 0 && parts[part].First > frame) part--;
        return parts[part].Frames.LocateAsync(frame - parts[part].First, cancellationToken);
    }
}
