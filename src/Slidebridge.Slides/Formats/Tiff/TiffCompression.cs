using System.Globalization;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>Compression codes by name. TIFF 6.0 §3, the registry in libtiff's <c>tiff.h</c>, and Aperio's own two.</summary>
static class TiffCompression
{
    public const long AperioJpeg2000YCbCr = 33003, AperioJpeg2000Rgb = 33005;

    /// <summary>libvips' own code, besides Aperio's.</summary>
    public const long VipsJpeg2000 = 33004;

    public static string Name(long code) => code switch
    {
        1 => "none",
        2 or 3 or 4 => "ccitt",
        5 => "lzw",
        6 => "old-jpeg",
        7 => "jpeg",
        8 or 32946 => "deflate",
        32773 => "packbits",
        AperioJpeg2000YCbCr or AperioJpeg2000Rgb or VipsJpeg2000 or 34712 => "jpeg2000",
        34887 => "lerc",
        34925 => "lzma",
        34933 or 50002 => "jpeg-xl",
        22610 or 34892 => "jpeg-xr",
        50000 => "zstd",
        50001 => "webp",
        _ => string.Create(CultureInfo.InvariantCulture, $"tiff-{code}"),
    };
}
