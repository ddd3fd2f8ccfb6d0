using Slidebridge.Slides;

namespace Slidebridge.Tests.Slides;

/// <summary>What every outline of tissue must be, whatever the tissue.</summary>
static class Outlines
{
    /// <summary>Closed, inside the slide, meeting neither itself nor another, and of the area that the mask has.</summary>
    public static void AssertFit(TissueMask mask, Slide slide, bool compareAreas = true)
    {
        var rings = mask.Regions.SelectMany(region => region.Holes.Prepend(region.Outline)).ToList();
        foreach (var ring in rings)
        {
            Assert.True(ring.Count >= 4);
            Assert.Equal(ring[0], ring[^1]);
            Assert.All(ring, point => Assert.True(point.X >= 0 && point.X <= slide.Width && point.Y >= 0 && point.Y <= slide.Height));
        }
        AssertApart(rings);
        if (!compareAreas) return;
        double polygons = 0, pixels = 0;
        foreach (var region in mask.Regions)
        {
            var area = Area(region.Outline) - region.Holes.Sum(Area);
            // A tolerance of a mask pixel weighs on small regions.
            var thumb = mask.DownsampleX * mask.DownsampleY;
            Assert.Equal(region.AreaPixels, area, 0.05 * region.AreaPixels + 40 * thumb + region.Holes.Count * 10 * thumb);
            polygons += area;
            pixels += region.AreaPixels;
        }
        Assert.Equal(pixels, polygons, 0.05 * pixels);
    }

    static double Area(IReadOnlyList<SlidePoint> ring)
    {
        double twice = 0;
        for (var i = 0; i + 1 < ring.Count; i++) twice += ring[i].X * ring[i + 1].Y - ring[i + 1].X * ring[i].Y;
        return Math.Abs(twice) / 2;
    }

    // Every edge against every other whose left end lies before its right end: slow, and nothing like the code under test.
    static void AssertApart(List<IReadOnlyList<SlidePoint>> rings)
    {
        var edges = (from ring in rings
                     from i in Enumerable.Range(0, ring.Count - 1)
                     let next = (i + 1) % (ring.Count - 1)
                     select (A: ring[i], B: ring[i + 1], Ring: ring, I: i, Next: next)).OrderBy(edge => Math.Min(edge.A.X, edge.B.X)).ToList();
        for (var i = 0; i < edges.Count; i++)
            for (var j = i + 1; j < edges.Count && Math.Min(edges[j].A.X, edges[j].B.X) <= Math.Max(edges[i].A.X, edges[i].B.X); j++)
            {
                var (s, t) = (edges[i], edges[j]);
                if (s.Ring == t.Ring && (s.Next == t.I || t.Next == s.I)) continue;
                Assert.False(Side(s.A, s.B, t.A) * Side(s.A, s.B, t.B) <= 0 && Side(t.A, t.B, s.A) * Side(t.A, t.B, s.B) <= 0 && Overlap(s.A.Y, s.B.Y, t.A.Y, t.B.Y) && Overlap(s.A.X, s.B.X, t.A.X, t.B.X),
                    $"{s.A} to {s.B} meets {t.A} to {t.B}");
            }
    }

    static bool Overlap(double a, double b, double c, double d) => Math.Min(a, b) <= Math.Max(c, d) && Math.Min(c, d) <= Math.Max(a, b);

    // Rounded: level-0 coordinates are the corners' multiples, up to rounding.
    static int Side(SlidePoint a, SlidePoint b, SlidePoint p)
    {
        var side = (b.X - a.X) * (p.Y - a.Y) - (b.Y - a.Y) * (p.X - a.X);
        return Math.Abs(side) < 1e-6 ? 0 : Math.Sign(side);
    }
}
