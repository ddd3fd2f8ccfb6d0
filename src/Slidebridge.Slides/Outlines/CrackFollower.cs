namespace Slidebridge.Slides.Outlines;

/// <summary>
/// Walks along the edges between tissue and background pixels, with tissue on the right-hand side.
/// Every ring (an outline or the border of a hole) has an edge directly above a tissue pixel: the scan starts at such edges that no ring has passed.
/// </summary>
sealed class CrackFollower(bool[] mask, int width, int height, int[] pieces)
{
    // Right, down, left, up; adding one turns right.
    static readonly (int X, int Y)[] Steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    // For each tissue pixel: true if its upper edge is on a ring that was walked.
    readonly bool[] walked = new bool[mask.Length];

    public List<Ring> Rings()
    {
        var rings = new List<Ring>();
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                if (mask[y * width + x] && !walked[y * width + x] && !IsTissue(x, y - 1))
                    rings.Add(Walk(x, y));
        return rings;
    }

    // The scan comes from the left, so the first edge that was not walked begins at a turn.
    Ring Walk(int startX, int startY)
    {
        var corners = new List<Corner>();
        int x = startX, y = startY, direction = 0, turned = -1;
        do
        {
            if (direction != turned) corners.Add(new Corner(x, y));
            turned = direction;
            if (direction == 0) walked[y * width + x] = true;
            x += Steps[direction].X;
            y += Steps[direction].Y;
            direction = Turn(x, y, direction);
        }
        while (x != startX || y != startY);
        return new Ring(pieces[startY * width + startX], corners);
    }

    // Two pixels lie ahead, left and right. No corner has tissue only on one diagonal, so the direction is never ambiguous.
    int Turn(int x, int y, int direction)
    {
        var (left, right) = direction switch
        {
            0 => (IsTissue(x, y - 1), IsTissue(x, y)),
            1 => (IsTissue(x, y), IsTissue(x - 1, y)),
            2 => (IsTissue(x - 1, y), IsTissue(x - 1, y - 1)),
            _ => (IsTissue(x - 1, y - 1), IsTissue(x, y - 1)),
        };
        return left ? (direction + 3) % 4 : right ? direction : (direction + 1) % 4;
    }

    bool IsTissue(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x];
}
