using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Reporting;

/// <summary>Whether a point lies in a region: inside its outline and in none of its holes, by how often a ray to the right crosses its rings.</summary>
static class Inside
{
    public static bool Contains(MaskRegion region, double x, double y) => Crosses(region.Outline, x, y) && !region.Holes.Any(hole => Crosses(hole, x, y));

    static bool Crosses(IReadOnlyList<SlidePoint> ring, double x, double y)
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
