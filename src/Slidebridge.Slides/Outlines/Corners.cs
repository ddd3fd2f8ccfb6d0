namespace Slidebridge.Slides.Outlines;

/// <summary>
/// Fills one pixel wherever two tissue pixels touch only at a corner. Afterwards every corner of the mask lies on at most one outline and is passed once:
/// outlines never touch themselves or each other, and connecting pieces along edges or along corners gives the same result.
/// Removing pieces or filling holes later creates no such corner, because the set pixels around a corner then belong to one piece.
/// </summary>
static class Corners
{
    public static void Fill(bool[] mask, int width, int height)
    {
        var pending = new Stack<(int X, int Y)>();
        for (var y = 0; y + 1 < height; y++)
            for (var x = 0; x + 1 < width; x++)
            {
                if (!TouchesAtCorner(mask, width, x, y)) continue;
                pending.Push((x, y));
                while (pending.TryPop(out var at)) FillAt(mask, width, height, at.X, at.Y, pending);
            }
    }

    // The corner in the middle of four pixels; (x, y) is the top left of them.
    static bool TouchesAtCorner(bool[] mask, int width, int x, int y)
    {
        var i = y * width + x;
        return mask[i] == mask[i + width + 1] && mask[i + 1] == mask[i + width] && mask[i] != mask[i + 1];
    }

    static void FillAt(bool[] mask, int width, int height, int x, int y, Stack<(int X, int Y)> pending)
    {
        if (x < 0 || y < 0 || x + 1 >= width || y + 1 >= height || !TouchesAtCorner(mask, width, x, y)) return;
        if (mask[y * width + x]) x++;
        mask[y * width + x] = true;
        // The filled pixel may touch other pixels at a corner.
        pending.Push((x - 1, y - 1));
        pending.Push((x, y - 1));
        pending.Push((x - 1, y));
        pending.Push((x, y));
    }
}
