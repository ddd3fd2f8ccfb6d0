namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>Places frames with stated positions on the grid of tiles.</summary>
static class SparseFrames
{
    // A layer is an optical path and a depth; each needs a separate table.
    const int MostLayers = 1024;

    /// <param name="part">The object that contains the frames.</param>
    /// <param name="first">The number of the object's first frame in the concatenation.</param>
    /// <param name="sharedPath">The optical path of frames that do not name one.</param>
    /// <param name="layouts">The tables by optical path and depth.</param>
    /// <exception cref="SlideFormatException">A frame has no position, or is off the grid, or two frames have one position.</exception>
    public static void Place(DicomInstance part, int first, string sharedPath, Dictionary<(string Path, double? Depth), SparseLayout> layouts)
    {
        if (part.Object.Positions is not { } positions)
            throw new SlideFormatException($"The object is not TILED_FULL and does not say where its frames lie. It is incomplete: export it again.", part.Object.Dataset.Offset, DicomTag.PerFrameFunctionalGroupsSequence);
        if (positions.Count != part.Frames)
            throw new SlideFormatException($"{DicomTag.Name(DicomTag.PerFrameFunctionalGroupsSequence)} has {positions.Count} items; the object has {part.Frames} frames.", positions.Offset, DicomTag.PerFrameFunctionalGroupsSequence);

        (FramePosition Like, SparseLayout Layout)? last = null;
        for (var i = 0; i < positions.Count; i++)
        {
            var frame = positions[i];
            var tile = TileOf(frame, i);
            // Neighbouring frames are nearly always of one layer; names are looked up only when the layer changes.
            if (last is not { } known || known.Like.Path != frame.Path || known.Like.Depth != frame.Depth)
            {
                var key = (positions.PathOf(frame) ?? sharedPath, positions.DepthOf(frame));
                if (!layouts.TryGetValue(key, out var layout)) layouts[key] = layout = new SparseLayout();
                if (layouts.Count > MostLayers) throw Fail(i, $"adds combination number {layouts.Count} of optical path and depth; at most {MostLayers} are read");
                last = known = (frame, layout);
            }
            if (!known.Layout.Add(tile, first + i)) throw Fail(i, $"lies at tile {tile.Column},{tile.Row}, where another frame of its optical path and depth lies");
        }

        TilePosition TileOf(FramePosition frame, int index)
        {
            if (frame.Column < 1) throw Fail(index, "has no position");
            var (column, left) = Math.DivRem(frame.Column - 1, part.Pixels.Columns);
            var (row, top) = Math.DivRem(frame.Row - 1, part.Pixels.Rows);
            if (left != 0 || top != 0) throw Fail(index, $"begins at column {frame.Column}, row {frame.Row}, which is not on the grid of its tiles of {part.Pixels.Columns}×{part.Pixels.Rows}");
            if (column >= part.Columns || row >= part.Rows) throw Fail(index, $"begins at column {frame.Column}, row {frame.Row}, outside the picture of {part.Width}×{part.Height}");
            return new TilePosition(column, row);
        }

        SlideFormatException Fail(int index, string what) => new($"Frame {index + 1} {what}. The object cannot be shown: export it again as TILED_FULL.", positions.Offset, DicomTag.PerFrameFunctionalGroupsSequence);
    }
}
