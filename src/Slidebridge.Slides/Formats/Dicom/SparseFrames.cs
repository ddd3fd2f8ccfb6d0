namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>Puts frames that say where they lie on the grid of tiles.</summary>
static class SparseFrames
{
    // A path times a depth; each takes a table of its own.
    const int MostLayers = 1024;

    /// <param name="part">The object whose frames they are.</param>
    /// <param name="first">The number of its first frame in the concatenation.</param>
    /// <param name="sharedPath">The optical path of frames that do not name one.</param>
    /// <param name="layouts">By optical path and depth.</param>
    /// <exception cref="SlideFormatException">A frame lies nowhere, off the grid, or where another one lies.</exception>
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
            // Neighbours are nearly always of one layer; the names are looked up when that changes.
            if (last is not { } known || known.Like.Path != frame.Path || known.Like.Depth != frame.Depth)
            {
                var key = (positions.PathOf(frame) ?? sharedPath, positions.DepthOf(frame));
                if (!layouts.TryGetValue(key, out var layout)) layouts[key] = layout = new SparseLayout();
                if (layouts.Count > MostLayers) throw Fail(i, $"is of optical path or depth number {layouts.Count}; at most {MostLayers} are read");
                last = known = (frame, layout);
            }
            if (!known.Layout.Add(tile, first + i)) throw Fail(i, $"lies at tile {tile.Column},{tile.Row}, where another frame of its optical path and depth lies");
        }

        TilePosition TileOf(FramePosition frame, int index)
        {
            if (frame.Column < 1) throw Fail(index, "does not say where it lies");
            var (column, left) = Math.DivRem(frame.Column - 1, part.Pixels.Columns);
            var (row, top) = Math.DivRem(frame.Row - 1, part.Pixels.Rows);
            if (left != 0 || top != 0) throw Fail(index, $"begins at column {frame.Column}, row {frame.Row}, which is not on the grid of its tiles of {part.Pixels.Columns}×{part.Pixels.Rows}");
            if (column >= part.Columns || row >= part.Rows) throw Fail(index, $"begins at column {frame.Column}, row {frame.Row}, outside the picture of {part.Width}×{part.Height}");
            return new TilePosition(column, row);
        }

        SlideFormatException Fail(int index, string what) => new($"Frame {index + 1} {what}. The object cannot be shown: export it again as TILED_FULL.", positions.Offset, DicomTag.PerFrameFunctionalGroupsSequence);
    }
}
