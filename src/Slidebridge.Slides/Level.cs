namespace Slidebridge.Slides;

/// <summary>One resolution of a slide. Level 0 is the largest.</summary>
/// <param name="Index">0 for the full resolution, then ever smaller.</param>
/// <param name="Width">Pixels of this level, without the padding of its last tiles.</param>
/// <param name="Height">Pixels of this level, without the padding of its last tiles.</param>
/// <param name="Downsample">Level-0 pixels per pixel of this level: the mean of both axes, as OpenSlide has it. 1 for level 0.</param>
/// <param name="TileWidth">Stored tile width in pixels of this level; the level's width where it is stored in strips.</param>
/// <param name="TileHeight">Stored tile height in pixels of this level; the rows of a strip where it is stored in strips.</param>
/// <param name="Compression">The codec's name, such as <c>jpeg</c>, <c>lzw</c> or <c>jpeg2000</c>.</param>
public sealed record Level(int Index, int Width, int Height, double Downsample, int TileWidth, int TileHeight, string Compression)
{
    /// <summary>Stored tiles from left to right, the cropped last one included.</summary>
    public int Columns => (int)(((long)Width + TileWidth - 1) / TileWidth);

    /// <summary>Stored tiles from top to bottom, the cropped last one included.</summary>
    public int Rows => (int)(((long)Height + TileHeight - 1) / TileHeight);
}
