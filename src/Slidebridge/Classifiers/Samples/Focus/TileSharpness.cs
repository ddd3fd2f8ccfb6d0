namespace Slidebridge.Classifiers.Samples.Focus;

/// <summary>
/// How sharp a tile is: for each small window with enough contrast, its steepest edge as a share of that contrast. Dividing by the contrast
/// prevents that plain stroma and pale stains count as blurred: an edge in focus rises within two or three pixels, however faint it is.
/// </summary>
static class TileSharpness
{
    /// <summary>Windows are three blocks of this edge wide, in pixels: wider than a slightly blurred edge.</summary>
    const int Block = 5;

    /// <summary>A window with a smaller difference between its darkest and brightest pixel, in grey levels, shows only noise.</summary>
    const int LeastContrast = 30;

    /// <summary>With fewer windows, the tile is not measured.</summary>
    const int FewestWindows = 40;

    /// <summary>The median over the windows, in shares of the contrast per pixel: about 0.4 in focus; null if the tile has too little contrast.</summary>
    /// <param name="rgb">Rgb24, row by row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    public static double? Measure(ReadOnlySpan<byte> rgb, int width, int height)
    {
        int columns = width / Block, rows = height / Block;
        Span<(byte Darkest, byte Brightest, byte Steepest)> blocks = new (byte, byte, byte)[columns * rows];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                blocks[row * columns + column] = Look(rgb, width, height, column * Block, row * Block);

        var sharpness = new List<double>();
        for (var row = 1; row < rows - 1; row++)
            for (var column = 1; column < columns - 1; column++)
            {
                var (darkest, brightest, steepest) = (byte.MaxValue, byte.MinValue, byte.MinValue);
                for (var r = row - 1; r <= row + 1; r++)
                    foreach (var block in blocks.Slice(r * columns + column - 1, 3))
                        (darkest, brightest, steepest) = (Math.Min(darkest, block.Darkest), Math.Max(brightest, block.Brightest), Math.Max(steepest, block.Steepest));
                if (brightest - darkest >= LeastContrast) sharpness.Add(steepest / 2.0 / (brightest - darkest));
            }
        if (sharpness.Count < FewestWindows) return null;
        sharpness.Sort();
        return sharpness[sharpness.Count / 2];
    }

    /// <summary>For a block, in the green channel, where all tissue stains absorb: its range, and the largest difference of two pixels that are two apart.</summary>
    static (byte Darkest, byte Brightest, byte Steepest) Look(ReadOnlySpan<byte> rgb, int width, int height, int left, int top)
    {
        int darkest = 255, brightest = 0, steepest = 0;
        for (var y = top; y < top + Block; y++)
            for (var x = left; x < left + Block; x++)
            {
                var i = (y * width + x) * 3 + 1;
                int value = rgb[i];
                (darkest, brightest) = (Math.Min(darkest, value), Math.Max(brightest, value));
                if (x > 0 && x < width - 1) steepest = Math.Max(steepest, Math.Abs(rgb[i + 3] - rgb[i - 3]));
                if (y > 0 && y < height - 1) steepest = Math.Max(steepest, Math.Abs(rgb[i + width * 3] - rgb[i - width * 3]));
            }
        return ((byte)darkest, (byte)brightest, (byte)steepest);
    }
}
