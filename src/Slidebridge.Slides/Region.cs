namespace Slidebridge.Slides;

/// <summary>A rectangle of one level, with OpenSlide's coordinates.</summary>
/// <param name="Level">The level's index.</param>
/// <param name="X">Left edge in <b>level-0</b> pixels; may be negative or beyond the slide.</param>
/// <param name="Y">Top edge in <b>level-0</b> pixels; may be negative or beyond the slide.</param>
/// <param name="Width">Width in pixels of <paramref name="Level"/>.</param>
/// <param name="Height">Height in pixels of <paramref name="Level"/>.</param>
public readonly record struct Region(int Level, long X, long Y, int Width, int Height);
