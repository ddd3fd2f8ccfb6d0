namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>The positions of a sparse object's frames, from its per-frame functional groups. PS3.3 C.8.12.6.1.</summary>
sealed class FramePositions(long offset)
{
    // Sixteen bytes each: 64 MB for a level of a terapixel in tiles of 512.
    const int Most = 4 * 1024 * 1024;

    // A fluorescence slide has tens of paths, a stack tens of planes.
    const int MostNames = 256;

    readonly List<FramePosition> frames = [];
    readonly List<string> paths = [];
    readonly List<double> depths = [];

    /// <summary>The offset of the sequence in its object.</summary>
    public long Offset { get; } = offset;

    public int Count => frames.Count;

    public FramePosition this[int index] => frames[index];

    /// <summary>Adds the position from a frame's item.</summary>
    /// <exception cref="SlideFormatException">There are too many frames, optical paths or depths.</exception>
    public void Add(DicomDataset item)
    {
        if (frames.Count == Most) throw new SlideFormatException($"The object has more than {Most} frames with a position each.", item.Offset, DicomTag.PerFrameFunctionalGroupsSequence);
        if (item.Item(DicomTag.PlanePositionSlideSequence) is not { } position)
        {
            frames.Add(FramePosition.Unknown);
            return;
        }
        var column = position.Size(DicomTag.ColumnPosition, 1, int.MaxValue);
        var row = position.Size(DicomTag.RowPosition, 1, int.MaxValue);
        var path = item.Item(DicomTag.OpticalPathIdentificationSequence)?.Text(DicomTag.OpticalPathIdentifier);
        var depth = position.Number(DicomTag.ZOffset);
        frames.Add(new FramePosition(column, row,
            path is null ? FramePosition.None : IndexOf(paths, path, item), depth is null ? FramePosition.None : IndexOf(depths, depth.Value, item)));
    }

    /// <summary>The frame's optical path, if it names one.</summary>
    public string? PathOf(FramePosition frame) => frame.Path == FramePosition.None ? null : paths[frame.Path];

    /// <summary>Micrometres from the slide's reference plane, if the frame states it.</summary>
    public double? DepthOf(FramePosition frame) => frame.Depth == FramePosition.None ? null : depths[frame.Depth];

    static ushort IndexOf<T>(List<T> names, T name, DicomDataset item)
    {
        var index = names.IndexOf(name);
        if (index >= 0) return (ushort)index;
        if (names.Count == MostNames) throw new SlideFormatException($"The frames name more than {MostNames} optical paths or depths. The object is damaged.", item.Offset);
        names.Add(name);
        return (ushort)(names.Count - 1);
    }
}

/// <summary>The position of one frame.</summary>
/// <param name="Column">The matrix column of its left edge, from 1.</param>
/// <param name="Row">The matrix row of its top edge, from 1.</param>
/// <param name="Path">The index of its optical path's name.</param>
/// <param name="Depth">The index of its depth.</param>
readonly record struct FramePosition(int Column, int Row, ushort Path, ushort Depth)
{
    public const ushort None = ushort.MaxValue;

    /// <summary>A frame whose item has no position.</summary>
    public static FramePosition Unknown { get; } = new(0, 0, None, None);
}
