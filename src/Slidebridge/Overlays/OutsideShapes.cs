using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Slides;
using Slidebridge.Units;

namespace Slidebridge.Overlays;

/// <summary>
/// Finds shapes of a result whose positions cannot be right, for example because a classifier did not scale to level 0. This is only a warning: a correct outline may reach over an edge.
/// </summary>
static class OutsideShapes
{
    /// <summary>The warning's code, like those of slide warnings.</summary>
    public const string Code = "result-outside-slide";

    /// <summary>Maximum shapes of a scan that are checked; if there are more, the first ones are enough.</summary>
    const int MostShapes = 20_000;

    /// <summary>A larger report is not checked: as objects it would use many times its size in memory.</summary>
    const int LargestReport = 4 << 20;

    /// <summary>A warning if shapes lie completely outside the slide, or reach beyond it by more than the slide's own size; else null.</summary>
    /// <param name="json">A valid result.</param>
    /// <param name="scanId">The scan.</param>
    /// <param name="width">The slide's width, in level-0 pixels.</param>
    /// <param name="height">The slide's height, in level-0 pixels.</param>
    public static SlideWarning? Find(ReadOnlyMemory<byte> json, string scanId, int width, int height)
    {
        var (looked, outside, farthest) = (0, 0, (Position?)null);
        foreach (var shape in SavedShapes.Of(json, scanId, LargestReport).Take(MostShapes))
        {
            looked++;
            if (FarPoint(shape.Geometry, width, height) is not { } far) continue;
            outside++;
            farthest ??= far;
        }
        return farthest is not { } at ? null : new SlideWarning(Code, FormattableString.Invariant(
            $"{outside} of {Counted.Text(looked, "shape")} in the result {(outside == 1 ? "lies" : "lie")} outside the slide, which has {width} × {height} pixels; the first is at x {at.X:0}, y {at.Y:0}. Coordinates of a result must be level-0 pixels."));
    }

    /// <summary>A position of a shape that cannot be right; null if there is none.</summary>
    static Position? FarPoint(Geometry shape, int width, int height)
    {
        var (isOn, first) = (false, (Position?)null);
        foreach (var position in shape.Positions)
        {
            if (position.X < -width || position.X > 2.0 * width || position.Y < -height || position.Y > 2.0 * height) return position;
            first ??= position;
            isOn |= position.X >= 0 && position.X <= width && position.Y >= 0 && position.Y <= height;
        }
        return isOn || Overlaps(shape, width, height) ? null : first;
    }

    /// <summary>No corner of the shape is on the slide, but the shape may still cover the slide.</summary>
    static bool Overlaps(Geometry shape, int width, int height)
    {
        var positions = shape.Positions.ToList();
        return positions.Count > 0 && positions.Min(p => p.X) <= width && positions.Max(p => p.X) >= 0 && positions.Min(p => p.Y) <= height && positions.Max(p => p.Y) >= 0;
    }
}
