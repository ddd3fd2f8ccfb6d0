using Slidebridge.Slides;

namespace Slidebridge.Classifiers;

/// <summary>Tests whether a point lies inside, by the number of rings that a ray to the right crosses.</summary>
static class Inside
{
    /// <summary>Inside the outline and outside all holes.</summary>
    public static bool Contains(MaskRegion region, double x, double y) => Contains(region.Outline, x, y) && !region.Holes.Any(hole => Contains(hole, x, y));

    /// <summary>Inside a closed ring, whose first point is also its last.</summary>
    public static bool Contains(IReadOnlyList<SlidePoint> ring, double x, double y)
    {
        var isInside = false;
        for (var i = 0; i + 1 < ring.Count; i++)
        {
            var (a, b) = (ring[i], ring[i + 1]);
            if (a.Y > y != b.Y > y && x < a.X + (y - a.Y) / (b.Y - a.Y) * (b.X - a.X)) isInside = !isInside;
        }
        return isInside;
    }
}
