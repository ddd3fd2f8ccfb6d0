namespace Slidebridge.Slides.Codecs;

/// <summary>The codecs by compression name. To add one, add a line here.</summary>
static class TileCodecs
{
    static readonly Dictionary<string, ITileCodec> ByName = new()
    {
        ["none"] = new SampleCodec(new Uncompressed()),
        ["lzw"] = new SampleCodec(new Lzw()),
        ["deflate"] = new SampleCodec(new Deflate()),
        ["packbits"] = new SampleCodec(new PackBits()),
        ["zstd"] = new SampleCodec(new Zstd()),
        ["jpeg"] = new JpegCodec(),
        ["jpeg2000"] = new Jpeg2000Codec(),
        ["jpeg-ls"] = new JpegLsCodec(),
        ["webp"] = new WebPCodec(),
        ["rle"] = new RleCodec(),
    };

    public static ITileCodec? Find(string compression) => ByName.GetValueOrDefault(compression);

    public static SlideFormatException Missing(string compression, long offset) => compression == "old-jpeg" ? OldJpeg(offset) : new(
        $"The pixels are compressed as {compression}, and this build has no codec for it. " +
        $"It decodes {string.Join(", ", ByName.Keys)}. Export the slide with JPEG compression.", offset);

    // TIFF 6.0 §22: writers interpreted it differently, and Adobe's Technical Note 2 withdrew it.
    static SlideFormatException OldJpeg(long offset) => new(
        "The pixels are compressed as old-style JPEG (TIFF compression 6), which was withdrawn in 1995 and is not supported. Export the slide with JPEG (TIFF compression 7).", offset);
}
