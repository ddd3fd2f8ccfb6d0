namespace Slidebridge.Slides.Writing;

/// <summary>The tissue's outline on a generated slide: a few islands with irregular smooth borders, away from the slide's edge.</summary>
sealed class TissueShape
{
    readonly record struct Island(float X, float Y, float RadiusX, float RadiusY, float Cos, float Sin);

    readonly Island[] islands;
    readonly Noise outline;
    readonly float unit;

    public TissueShape(int width, int height, Noise noise)
    {
        outline = noise.Other(1);
        unit = Math.Min(width, height);
        var random = noise.Other(2);
        // One large piece, and up to two smaller ones if the slide is long enough.
        var count = Math.Max(width, height) > unit * 1.2f ? 2 + (int)(random.At(0, 0) * 2) : 1 + (int)(random.At(0, 0) * 2);
        islands = new Island[count];
        var along = width >= height;
        for (var i = 0; i < count; i++)
        {
            // Placed side by side along the slide's longer side, the first one larger.
            var share = (i + 0.5f) / count + (random.At(i, 1) - 0.5f) * 0.12f;
            var across = 0.5f + (random.At(i, 2) - 0.5f) * 0.2f;
            var length = (along ? width : height) / (float)count * (i == 0 ? 0.46f : 0.38f);
            var breadth = (along ? height : width) * (0.3f + 0.1f * random.At(i, 3));
            var angle = (random.At(i, 4) - 0.5f) * 0.7f;
            islands[i] = new Island(
                (along ? share : across) * width, (along ? across : share) * height,
                along ? length : breadth, along ? breadth : length, MathF.Cos(angle), MathF.Sin(angle));
        }
    }

    /// <summary>Above 0 in tissue; increases with the distance to the border, in units of the islands' size.</summary>
    public float Depth(float x, float y)
    {
        var depth = float.NegativeInfinity;
        foreach (var island in islands)
        {
            float dx = x - island.X, dy = y - island.Y;
            float u = (dx * island.Cos + dy * island.Sin) / island.RadiusX, v = (dy * island.Cos - dx * island.Sin) / island.RadiusY;
            depth = Math.Max(depth, 1 - MathF.Sqrt(u * u + v * v));
        }
        if (depth < -0.6f) return depth;
        return depth + 0.34f * outline.Fractal(x / unit * 5, y / unit * 5, 4) + 0.02f * outline.Smooth(x / 45, y / 45);
    }
}
