namespace Slidebridge.Slides;

/// <summary>A point in level-0 pixels; (0, 0) is the top left corner of the top left pixel.</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Down.</param>
public readonly record struct SlidePoint(double X, double Y);

/// <summary>One connected piece of tissue.</summary>
/// <param name="Outline">A closed ring: the first point is also the last. It does not cross itself.</param>
/// <param name="Holes">Closed rings inside the outline that are not tissue.</param>
/// <param name="AreaPixels">Level-0 square pixels of tissue, holes excluded.</param>
public sealed record TissueRegion(IReadOnlyList<SlidePoint> Outline, IReadOnlyList<IReadOnlyList<SlidePoint>> Holes, double AreaPixels);
