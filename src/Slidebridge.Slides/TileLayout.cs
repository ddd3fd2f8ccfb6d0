namespace Slidebridge.Slides;

/// <summary>The layout of a <see cref="TileGrid"/> on a slide.</summary>
/// <param name="Columns">Tiles in a row.</param>
/// <param name="Rows">Rows of tiles.</param>
/// <param name="Count">Tiles to read: all, or those with tissue.</param>
/// <param name="Level">The level that they are read from.</param>
/// <param name="Downsample">Level-0 pixels per tile pixel.</param>
/// <param name="Mpp">Micrometres per tile pixel; null if the slide does not state its own.</param>
/// <param name="IsScaled">False if the tiles are the level's own pixels.</param>
public sealed record TileLayout(int Columns, int Rows, long Count, int Level, double Downsample, MicronsPerPixel? Mpp, bool IsScaled);
