namespace Slidebridge.Slides.Writing;

/// <summary>A gland of a generated slide, cut across: a lumen, its lining, a cleft to the stroma around it.</summary>
/// <param name="X">Centre in level-0 pixels.</param>
/// <param name="Y">Centre in level-0 pixels.</param>
/// <param name="Radius">The lining's outer radius in level-0 pixels, before it is bent.</param>
/// <param name="Lumen">The lumen's share of the radius.</param>
/// <param name="Stretch">Ratio of its axes.</param>
/// <param name="Cos">Of its direction.</param>
/// <param name="Sin">Of its direction.</param>
/// <param name="Key">Its place in the grid, for what else is random about it.</param>
readonly record struct Gland(float X, float Y, float Radius, float Lumen, float Stretch, float Cos, float Sin, (int X, int Y) Key)
{
    /// <summary>Nothing of a gland lies further out, bent or stretched.</summary>
    public float Reach => Radius * Stretch * 1.5f;

    /// <summary>The distance from the centre in radii: 1 on the lining's outer border.</summary>
    public float Distance(float x, float y)
    {
        float dx = x - X, dy = y - Y;
        float u = (dx * Cos + dy * Sin) / Stretch, v = dy * Cos - dx * Sin;
        return MathF.Sqrt(u * u + v * v) / Radius;
    }
}
