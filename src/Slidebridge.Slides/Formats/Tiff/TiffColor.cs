using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>PhotometricInterpretation as a colour model. TIFF 6.0 §3 to §6, §21.</summary>
static class TiffColor
{
    public static StoredColor From(long photometric, long compression, int samples) => (photometric, compression) switch
    {
        // Aperio's two JPEG 2000 codes define the colour model; the photometric interpretation is ignored.
        (_, TiffCompression.AperioJpeg2000YCbCr) => StoredColor.YCbCr,
        (_, TiffCompression.AperioJpeg2000Rgb) => StoredColor.Rgb,
        // libvips converts RGB to YCbCr before it compresses, and still states RGB; with an alpha channel it does not convert.
        (2, TiffCompression.VipsJpeg2000) when samples == 3 => StoredColor.YCbCr,
        (0, _) => StoredColor.GrayMinIsWhite,
        (1, _) => StoredColor.Gray,
        (2, _) => StoredColor.Rgb,
        (6, _) => StoredColor.YCbCr,
        _ => StoredColor.Unknown,
    };
}
