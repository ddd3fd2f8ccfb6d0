namespace Slidebridge.Tests.Support;

/// <content>The pixels alone, for programs that are no tests.</content>
static partial class PaintedSlide
{
    /// <summary>Rgb24, shape [height, width, 3].</summary>
    public static byte[] Pixels(int width, int height, Func<int, int, (byte Red, byte Green, byte Blue)> paint)
    {
        var pixels = new byte[width * height * 3];
        for (int y = 0, i = 0; y < height; y++)
            for (var x = 0; x < width; x++, i += 3)
                (pixels[i], pixels[i + 1], pixels[i + 2]) = paint(x, y);
        return pixels;
    }
}
