namespace Slidebridge.Slides;

/// <summary>A pixel's memory layout: 8 bits per channel, rows without padding.</summary>
public enum PixelFormat
{
    /// <summary>Three bytes: red, green, blue. Pixels outside the slide are white.</summary>
    Rgb24,

    /// <summary>Four bytes: blue, green, red, alpha. Alpha is 255 on the slide; outside, all four are 0.</summary>
    Bgra32,
}

static class PixelFormats
{
    public static int BytesPerPixel(this PixelFormat format) => format switch
    {
        PixelFormat.Rgb24 => 3,
        PixelFormat.Bgra32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "The pixel format must be Rgb24 or Bgra32."),
    };

    /// <summary>The byte value that, repeated, gives a pixel outside the slide.</summary>
    public static byte Background(this PixelFormat format) => format == PixelFormat.Rgb24 ? (byte)255 : (byte)0;
}
