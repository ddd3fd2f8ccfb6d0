namespace Slidebridge.Slides.Tissue;

/// <summary>The area of a mask within any rectangle, in constant time. F. Crow, "Summed-area tables for texture mapping" (1984).</summary>
sealed class SummedArea
{
    readonly int width, height;

    // sums[y, x]: mask pixels that are set above and left of corner (x, y).
    readonly int[] sums;

    public SummedArea(bool[] mask, int width, int height)
    {
        (this.width, this.height) = (width, height);
        sums = new int[(width + 1) * (height + 1)];
        for (var y = 0; y < height; y++)
            for (int x = 0, row = 0; x < width; x++)
            {
                if (mask[y * width + x]) row++;
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
    }

    /// <summary>The set area between two corners, in mask pixels and fractions of them.</summary>
    public double Within(double left, double top, double right, double bottom) => To(right, bottom) - To(left, bottom) - To(right, top) + To(left, top);

    // Between corners the area is linear in each direction, because a pixel is set as a whole: so the interpolation is exact.
    double To(double x, double y)
    {
        (x, y) = (Math.Clamp(x, 0, width), Math.Clamp(y, 0, height));
        int left = Math.Min((int)x, width - 1), top = Math.Min((int)y, height - 1);
        double across = x - left, down = y - top;
        var at = top * (width + 1) + left;
        var upper = sums[at] + (sums[at + 1] - sums[at]) * across;
        var lower = sums[at + width + 1] + (sums[at + width + 2] - sums[at + width + 1]) * across;
        return upper + (lower - upper) * down;
    }
}
