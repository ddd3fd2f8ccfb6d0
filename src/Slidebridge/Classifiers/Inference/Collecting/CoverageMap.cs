using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>
/// Which pixels a label covers, at the model's resolution or, if that would be too many pixels, coarser by a whole factor: then a square of
/// pixels is covered when half of it is. Blocks are allocated only where something was found; together at most <see cref="MostPixels"/>, of two bytes each.
/// </summary>
sealed class CoverageMap
{
    /// <summary>4096×4096, or as many in another shape.</summary>
    public const long MostPixels = 16L * 1024 * 1024;

    const int Edge = 128;

    readonly int pixelWidth, pixelHeight, columns;
    readonly ushort[]?[] blocks;

    /// <summary>An empty map of the given size in pixels.</summary>
    public CoverageMap(int pixelWidth, int pixelHeight)
    {
        (this.pixelWidth, this.pixelHeight) = (pixelWidth, pixelHeight);
        for (Scale = 1; (long)Cells(pixelWidth) * Cells(pixelHeight) > MostPixels; Scale++) { }
        (Width, Height) = (Cells(pixelWidth), Cells(pixelHeight));
        columns = (Width + Edge - 1) / Edge;
        blocks = new ushort[columns * ((Height + Edge - 1) / Edge)][];
    }

    /// <summary>Pixels of the model per pixel of the map, along an edge.</summary>
    public int Scale { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Covers a pixel. Call it at most once per pixel.</summary>
    public void Add(int x, int y)
    {
        (x, y) = (x / Scale, y / Scale);
        ref var block = ref blocks[y / Edge * columns + x / Edge];
        block ??= new ushort[Edge * Edge];
        block[y % Edge * Edge + x % Edge]++;
    }

    /// <summary>The covered regions, in pixels of the model.</summary>
    /// <param name="minPixels">Smaller regions are dropped; in pixels of the model.</param>
    /// <param name="minHolePixels">Smaller holes are filled.</param>
    /// <param name="simplify">In pixels of the map.</param>
    public IReadOnlyList<MaskRegion> Trace(double minPixels, double minHolePixels, double simplify)
    {
        var mask = new bool[Width * Height];
        for (var b = 0; b < blocks.Length; b++)
            if (blocks[b] is { } block) Copy(block, b % columns * Edge, b / columns * Edge, mask);
        var square = (double)Scale * Scale;
        var regions = new RegionMask(mask, Width, Height);
        if (minPixels > 0) regions.RemoveIslands(minPixels / square);
        if (minHolePixels > 0) regions.FillHoles(minHolePixels / square);
        return [.. regions.Trace(simplify).Select(region => region.Move(p => new SlidePoint(Math.Min(p.X * Scale, pixelWidth), Math.Min(p.Y * Scale, pixelHeight))))];
    }

    void Copy(ushort[] block, int left, int top, bool[] mask)
    {
        for (var y = 0; y < Edge && top + y < Height; y++)
            for (var x = 0; x < Edge && left + x < Width; x++)
            {
                // A square at the slide's edge has fewer pixels.
                var square = Math.Min(Scale, pixelWidth - (left + x) * Scale) * Math.Min(Scale, pixelHeight - (top + y) * Scale);
                mask[(top + y) * Width + left + x] = block[y * Edge + x] * 2 >= square && block[y * Edge + x] > 0;
            }
    }

    int Cells(int pixels) => (pixels + Scale - 1) / Scale;
}
