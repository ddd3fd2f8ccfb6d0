namespace Slidebridge.Slides.Formats;

/// <summary>A stored tile's position in its level's grid.</summary>
/// <param name="Column">From 0 at the left.</param>
/// <param name="Row">From 0 at the top.</param>
readonly record struct TilePosition(int Column, int Row);
