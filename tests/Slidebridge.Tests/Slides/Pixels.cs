using Slidebridge.Slides;

namespace Slidebridge.Tests.Slides;

/// <summary>Compares what a slide shows with pixels that a test knows.</summary>
static class Pixels
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The whole level, its tiles, and regions across tile edges, over the slide's edge and outside it, in both formats.</summary>
    /// <param name="slide">Open.</param>
    /// <param name="index">The level.</param>
    /// <param name="expected">The level's pixels as Rgb24.</param>
    public static async Task AssertSameAsync(Slide slide, int index, byte[] expected)
    {
        var level = slide.Levels[index];
        var random = new Random(3);
        List<(int X, int Y, int Width, int Height)> places =
        [
            (0, 0, level.Width, level.Height), (-20, -10, level.Width + 50, level.Height + 40), (level.TileWidth / 2, level.TileHeight / 2, level.TileWidth, level.TileHeight),
            (-500, -500, 100, 100), (level.Width, 0, 10, 10), (0, level.Height + 7, 30, 5), (level.Width - 1, level.Height - 1, 2, 2), (5, 5, 1, 1),
        ];
        for (var i = 0; i < 6; i++) places.Add((random.Next(-30, level.Width), random.Next(-30, level.Height), random.Next(1, 120), random.Next(1, 120)));
        var down = (int)Math.Round(level.Downsample);
        foreach (var (x, y, width, height) in places)
            foreach (var format in Enum.GetValues<PixelFormat>())
            {
                var found = await slide.ReadRegionAsync(new Region(index, (long)x * down, (long)y * down, width, height), format, Token);
                Assert.True(Cut(expected, level.Width, level.Height, x, y, width, height, format).AsSpan().SequenceEqual(found.Pixels), $"level {index}, {x},{y} {width}×{height} {format}");
            }
        for (var row = 0; row < level.Rows; row++)
            for (var column = 0; column < level.Columns; column++)
            {
                var tile = await slide.ReadTileAsync(index, column, row, PixelFormat.Rgb24, Token);
                Assert.Equal(Cut(expected, level.Width, level.Height, column * level.TileWidth, row * level.TileHeight, tile.Width, tile.Height, PixelFormat.Rgb24), tile.Pixels);
            }
    }

    /// <summary>A rectangle of known pixels, with the format's background outside them.</summary>
    static byte[] Cut(byte[] rgb, int width, int height, int left, int top, int columns, int rows, PixelFormat format)
    {
        var bytes = format == PixelFormat.Rgb24 ? 3 : 4;
        var cut = new byte[columns * rows * bytes];
        if (bytes == 3) cut.AsSpan().Fill(255);
        for (var y = Math.Max(0, -top); y < rows && top + y < height; y++)
            for (var x = Math.Max(0, -left); x < columns && left + x < width; x++)
            {
                var (from, to) = (((top + y) * width + left + x) * 3, (y * columns + x) * bytes);
                (cut[to], cut[to + 1], cut[to + 2]) = bytes == 3 ? (rgb[from], rgb[from + 1], rgb[from + 2]) : (rgb[from + 2], rgb[from + 1], rgb[from]);
                if (bytes == 4) cut[to + 3] = 255;
            }
        return cut;
    }
}
