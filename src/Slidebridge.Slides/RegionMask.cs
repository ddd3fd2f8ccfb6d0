using Slidebridge.Slides.Outlines;

namespace Slidebridge.Slides;

/// <summary>
/// A binary mask whose connected regions can be outlined as polygons: tissue, or a model's segmentation.
/// If two set pixels touch only at a corner, one more pixel is set, so that outlines never touch themselves or each other.
/// </summary>
/// <remarks>Time and memory are linear in the number of pixels; <see cref="Trace"/> needs about six bytes per pixel while it runs.</remarks>
public sealed class RegionMask
{
    readonly bool[] mask;

    /// <summary>Creates a mask over an array. The mask keeps and changes the array.</summary>
    /// <param name="mask">Row-major, shape [height, width].</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">The array's length does not match the size.</exception>
    public RegionMask(bool[] mask, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (mask.Length != (long)width * height) throw new ArgumentException($"A mask of {width}×{height} has {(long)width * height} pixels; the array has {mask.Length}.", nameof(mask));
        this.mask = mask;
        (Width, Height) = (width, height);
        Corners.Fill(mask, width, height);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>Clears regions smaller than an area.</summary>
    /// <param name="pixels">The area in mask pixels.</param>
    public void RemoveIslands(double pixels)
    {
        var islands = new MaskPieces(mask, Width, Height);
        islands.Turn(mask, (isSet, piece) => isSet && islands.Areas[piece] < pixels);
    }

    /// <summary>Fills holes smaller than an area; background that touches the mask's edge is not a hole.</summary>
    /// <param name="pixels">The area in mask pixels.</param>
    public void FillHoles(double pixels)
    {
        var holes = new MaskPieces(mask, Width, Height);
        holes.Turn(mask, (isSet, piece) => !isSet && !holes.TouchesEdge[piece] && holes.Areas[piece] < pixels);
    }

    /// <summary>Outlines the regions along their pixels' edges.</summary>
    /// <param name="tolerance">The maximum distance of an outline from the pixels' edges, in mask pixels; 0 keeps every corner.</param>
    /// <returns>The regions, the largest first.</returns>
    public IReadOnlyList<MaskRegion> Trace(double tolerance = 0)
    {
        var pieces = new MaskPieces(mask, Width, Height);
        var rings = new CrackFollower(mask, Width, Height, pieces.Label()).Rings();
        var simple = tolerance > 0 ? new RingSimplifier(tolerance).Simplify(rings) : [.. rings.Select(ring => ring.Corners)];
        var regions = from pair in rings.Zip(simple)
                      group pair by pair.First.Piece into piece
                      orderby pieces.Areas[piece.Key] descending
                      select new MaskRegion(
                          Close(piece.Single(pair => !pair.First.IsHole).Second),
                          [.. piece.Where(pair => pair.First.IsHole).Select(pair => Close(pair.Second))],
                          pieces.Areas[piece.Key]);
        return [.. regions];
    }

    static SlidePoint[] Close(IReadOnlyList<Corner> ring) => [.. ring.Append(ring[0]).Select(corner => new SlidePoint(corner.X, corner.Y))];
}

/// <summary>One connected region of a mask, in mask pixels: (0, 0) is the top left corner of the top left pixel.</summary>
/// <param name="Outline">A closed ring: the first point is also the last. It does not cross itself.</param>
/// <param name="Holes">Closed rings inside the outline, whose areas are not part of the region.</param>
/// <param name="Pixels">Its mask pixels, holes excluded.</param>
public sealed record MaskRegion(IReadOnlyList<SlidePoint> Outline, IReadOnlyList<IReadOnlyList<SlidePoint>> Holes, long Pixels)
{
    /// <summary>A copy of the region with every point of its rings transformed.</summary>
    /// <param name="move">Converts a point from mask pixels to the wanted coordinates.</param>
    public MaskRegion Move(Func<SlidePoint, SlidePoint> move) => this with { Outline = Each(Outline, move), Holes = [.. Holes.Select(hole => Each(hole, move))] };

    static SlidePoint[] Each(IReadOnlyList<SlidePoint> ring, Func<SlidePoint, SlidePoint> move) => [.. ring.Select(move)];
}
