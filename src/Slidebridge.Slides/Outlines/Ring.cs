namespace Slidebridge.Slides.Outlines;

/// <summary>A corner between mask pixels: (0, 0) is the top left of the mask, (width, height) its bottom right.</summary>
readonly record struct Corner(int X, int Y);

/// <summary>A closed path along pixel edges, with tissue on its right: an outline runs clockwise on screen, a hole's border counterclockwise.</summary>
/// <param name="Piece">The piece of tissue that it bounds.</param>
/// <param name="Corners">The corners in order, each once; the last connects to the first.</param>
sealed record Ring(int Piece, IReadOnlyList<Corner> Corners)
{
    /// <summary>True for the border of a hole.</summary>
    public bool IsHole { get; } = SignedArea(Corners) < 0;

    // The shoelace formula; y points down, so clockwise on screen is positive.
    static long SignedArea(IReadOnlyList<Corner> corners)
    {
        long twice = 0;
        for (var i = 0; i < corners.Count; i++)
        {
            var (from, to) = (corners[i], corners[(i + 1) % corners.Count]);
            twice += (long)from.X * to.Y - (long)to.X * from.Y;
        }
        return twice / 2;
    }
}
