namespace Slidebridge.Slides.Outlines;

/// <summary>A corner between mask pixels: (0, 0) is the top left of the mask, (width, height) its bottom right.</summary>
readonly record struct Corner(int X, int Y);

/// <summary>A closed way along pixel edges, tissue on its right: an outline runs clockwise on screen, a hole's border against it.</summary>
/// <param name="Piece">The piece of tissue it bounds.</param>
/// <param name="Corners">Where it turns, each once; from the last it goes back to the first.</param>
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
