namespace Slidebridge.Slides.Codecs;

/// <summary>The codecs by the compression's name. A further one is one more line here.</summary>
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
        $"The pixels are compressed as {compression}, which comes through another codec that this build does not have. " +
        $"It decodes {string.Join(", ", ByName.Keys)}. Export the slide with JPEG compression.", offset);

    // TIFF 6.0 §22, which no two writers understood alike; Adobe's Technical Note 2 withdrew it.
    static SlideFormatException OldJpeg(long offset) => new(
        "The pixels are compressed as old-style JPEG (TIFF compression 6), which was withdrawn in 1995 and is not read. Export the slide with today's JPEG (compression 7).", offset);
}
