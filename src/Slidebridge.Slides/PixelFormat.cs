namespace Slidebridge.Slides;

/// <summary>How a pixel lies in memory: 8 bits a channel, rows without padding.</summary>
public enum PixelFormat
{
    /// <summary>Three bytes: red, green, blue. Outside the slide it is white.</summary>
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
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "The pixel format is Rgb24 or Bgra32."),
    };

    /// <summary>The byte that, repeated, is a pixel outside the slide.</summary>
    public static byte Background(this PixelFormat format) => format == PixelFormat.Rgb24 ? (byte)255 : (byte)0;
}
