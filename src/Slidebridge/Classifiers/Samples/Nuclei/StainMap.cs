namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>A stain's optical density, smoothed by a pixel so that chromatin and noise make no edges.</summary>
/// <param name="values">The densities, row by row.</param>
/// <param name="width">Pixels in a row.</param>
/// <param name="height">Rows.</param>
/// <param name="left">The column that places are counted from.</param>
/// <param name="top">The row that places are counted from.</param>
readonly ref struct StainMap(ReadOnlySpan<float> values, int width, int height, int left = 0, int top = 0)
{
    readonly ReadOnlySpan<float> values = values;
    readonly int width = width, height = height, left = left, top = top;

    /// <summary>The density at a place; outside as at the border.</summary>
    public float this[float x, float y] =>
        values[Math.Clamp(top + (int)MathF.Floor(y + 0.5f), 0, height - 1) * width + Math.Clamp(left + (int)MathF.Floor(x + 0.5f), 0, width - 1)];

    /// <summary>The same map with places counted from this pixel: what is measured there does not depend on where the map begins, not by a rounding.</summary>
    public StainMap From(int x, int y) => new(values, width, height, left + x, top + y);
}
