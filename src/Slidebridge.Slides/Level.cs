namespace Slidebridge.Slides;

/// <summary>One resolution of a slide. Level 0 is the largest.</summary>
/// <param name="Index">0 for the full resolution; higher indices are smaller.</param>
/// <param name="Width">Pixels of this level, without the padding of its last tiles.</param>
/// <param name="Height">Pixels of this level, without the padding of its last tiles.</param>
/// <param name="Downsample">Level-0 pixels per pixel of this level: the mean of both axes, as in OpenSlide. 1 for level 0.</param>
/// <param name="TileWidth">Stored tile width in pixels of this level; for strips, the level's width.</param>
/// <param name="TileHeight">Stored tile height in pixels of this level; for strips, the rows of a strip.</param>
/// <param name="Compression">The codec's name, such as <c>jpeg</c>, <c>lzw</c> or <c>jpeg2000</c>.</param>
public sealed record Level(int Index, int Width, int Height, double Downsample, int TileWidth, int TileHeight, string Compression)
{
    /// <summary>Number of tile columns, including a cropped last one.</summary>
    public int Columns => (int)(((long)Width + TileWidth - 1) / TileWidth);

    /// <summary>Number of tile rows, including a cropped last one.</summary>
    public int Rows => (int)(((long)Height + TileHeight - 1) / TileHeight);
}
