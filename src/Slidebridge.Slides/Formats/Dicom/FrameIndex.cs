namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>Where the frames of one object, or of a concatenation of them, lie.</summary>
abstract class FrameIndex
{
    /// <summary>The bytes of a frame; where frames are encapsulated, with the item headers before and between its fragments.</summary>
    /// <param name="frame">From 0, below the number of frames.</param>
    /// <param name="cancellationToken">Stops the reading of a table, or the walk to the frame.</param>
    /// <exception cref="SlideFormatException">It lies outside the object.</exception>
    public abstract ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken);

    /// <exception cref="SlideFormatException">The run of bytes is empty, backwards, or leaves the pixels.</exception>
    protected static TileLocation Check(ByteSource source, long frame, long offset, long end, long first, long limit)
    {
        if (offset < first || end > limit || end <= offset)
            throw new SlideFormatException($"Frame {frame + 1} lies at bytes {offset} to {end}; the pixels lie at {first} to {limit}. The object is damaged or was cut short: copy it again.", offset, DicomTag.PixelData);
        return new TileLocation(source, offset, end - offset);
    }
}

/// <summary>Frames of one size, one after the other. PS3.5 §8.1.1.</summary>
sealed class NativeFrames(ByteSource source, long first, long frameBytes) : FrameIndex
{
    public override ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken) =>
        new(Check(source, frame, first + frame * frameBytes, first + (frame + 1) * frameBytes, first, source.Length));
}

/// <summary>Frames of several objects, numbered through. PS3.3 C.7.6.16.2.2.4.</summary>
/// <param name="parts">In order, each with the number of the first frame that it holds.</param>
sealed class ConcatenatedFrames(IReadOnlyList<(long First, FrameIndex Frames)> parts) : FrameIndex
{
    public override ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken)
    {
        var part = parts.Count - 1;
        while (part > 0 && parts[part].First > frame) part--;
        return parts[part].Frames.LocateAsync(frame - parts[part].First, cancellationToken);
    }
}
