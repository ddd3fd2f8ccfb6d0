namespace Slidebridge.Slides.Writing;

/// <summary>The cross-section of a gland of a generated slide: a lumen, its lining, and a cleft to the stroma around it.</summary>
/// <param name="X">Centre in level-0 pixels.</param>
/// <param name="Y">Centre in level-0 pixels.</param>
/// <param name="Radius">The lining's outer radius in level-0 pixels, before deformation.</param>
/// <param name="Lumen">The lumen's share of the radius.</param>
/// <param name="Stretch">Ratio of its axes.</param>
/// <param name="Cos">Cosine of its direction.</param>
/// <param name="Sin">Sine of its direction.</param>
/// <param name="Key">Its position in the grid, as a seed for its other random properties.</param>
readonly record struct Gland(float X, float Y, float Radius, float Lumen, float Stretch, float Cos, float Sin, (int X, int Y) Key)
{
    /// <summary>The maximum distance from the centre to any part of the gland, including deformation.</summary>
    public float Reach => Radius * Stretch * 1.5f;

    /// <summary>The distance from the centre in radii: 1 on the lining's outer border.</summary>
    public float Distance(float x, float y)
    {
        float dx = x - X, dy = y - Y;
        float u = (dx * Cos + dy * Sin) / Stretch, v = dy * Cos - dx * Sin;
        return MathF.Sqrt(u * u + v * v) / Radius;
    }
}
