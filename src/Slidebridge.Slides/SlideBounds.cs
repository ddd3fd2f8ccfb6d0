namespace Slidebridge.Slides;

/// <summary>The scanned part of a slide; outside it is background.</summary>
/// <param name="X">Left edge in level-0 pixels.</param>
/// <param name="Y">Top edge in level-0 pixels.</param>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
public readonly record struct SlideBounds(long X, long Y, long Width, long Height);
