namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>Which frame shows which tile of one optical path and focal plane.</summary>
abstract class FrameLayout
{
    /// <summary>The frame's number from 0; null for a tile that is not stored.</summary>
    public abstract long? FrameOf(TilePosition tile);
}

/// <summary>Every tile is stored in order: along a row, then down. PS3.3 C.7.6.17.3.</summary>
/// <param name="first">The first frame of this path and plane.</param>
/// <param name="columns">Tiles in a row.</param>
sealed class FullLayout(long first, int columns) : FrameLayout
{
    public override long? FrameOf(TilePosition tile) => first + (long)tile.Row * columns + tile.Column;
}

/// <summary>Tiles at the position that each frame states.</summary>
sealed class SparseLayout : FrameLayout
{
    readonly Dictionary<TilePosition, int> frames = [];

    public bool Add(TilePosition tile, int frame) => frames.TryAdd(tile, frame);

    public override long? FrameOf(TilePosition tile) => frames.TryGetValue(tile, out var frame) ? frame : null;
}
