using SkiaSharp;
using Slidebridge.Slides.Codecs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Seeds;

/// <summary>TIFFs of every compression and layout that the reader knows, some kilobytes each.</summary>
static class TiffSeeds
{
    const int Width = 100, Height = 80, Tile = 32;

    // TIFF codes: tiff.h, Aperio.
    const int PackBits = 32773, Zstd = 50000, WebP = 50001, Jpeg2000YCbCr = 33003, Jpeg2000Rgb = 33005;
    const int Rgb = 2, YCbCr = 6;

    public static void AddTo(SeedCollection seeds)
    {
        foreach (var packing in Enum.GetValues<TiffPacking>())
        {
            var name = packing.ToString().ToLowerInvariant();
            seeds.Add($"tiff-{name}-tiled", Pyramid(new TiffLayout(), tiled: true, picture => picture.Page(packing)));
            seeds.Add($"tiff-{name}-strips", Pyramid(new TiffLayout(BigEndian: true), tiled: false, picture => picture.Page(packing)));
        }
        seeds.Add("tiff-big-le", Pyramid(new TiffLayout(Big: true, DirectoriesFirst: true), true, picture => picture.Page(TiffPacking.Jpeg)));
        seeds.Add("tiff-big-be", Pyramid(new TiffLayout(Big: true, BigEndian: true), true, picture => picture.Page(TiffPacking.DeflatePredicted)));
        seeds.Add("tiff-planar-tiled", Pyramid(new TiffLayout(), true, picture => picture.PlanarPage(TiffPacking.LzwPredicted)));
        seeds.Add("tiff-planar-strips", Pyramid(new TiffLayout(DirectoriesFirst: true), false, picture => picture.PlanarPage(TiffPacking.Deflate)));
        seeds.Add("tiff-gray", Pyramid(new TiffLayout(), true, picture => picture.PlanePage(1, TiffPacking.Lzw)));
        seeds.Add("tiff-alpha", Pyramid(new TiffLayout(), true, picture => picture
            .Page(1, Rgb, (rgb, _, _) => [.. rgb.Chunk(3).SelectMany(pixel => pixel.Append((byte)7))]).Set(258, 3, 8, 8, 8, 8).Set(277, 3, 4).Set(338, 3, 0)));
        seeds.Add("tiff-ycbcr", Pyramid(new TiffLayout(), true, picture => picture.Page(1, YCbCr, (rgb, _, _) => rgb).Set(530, 3, 1, 1)));
        seeds.Add("tiff-packbits", Pyramid(new TiffLayout(), true, picture => picture.Page(PackBits, Rgb, (rgb, _, _) => RleEncoder.Encode(rgb))));
        seeds.Add("tiff-zstd", Pyramid(new TiffLayout(), true, picture => picture.Page(Zstd, Rgb, (rgb, _, _) => Zstandard(rgb))));
        foreach (var compression in new[] { SKWebpEncoderCompression.Lossless, SKWebpEncoderCompression.Lossy })
            seeds.Add($"tiff-webp-{compression.ToString().ToLowerInvariant()}", Pyramid(new TiffLayout(), true, picture => picture.Page(WebP, Rgb, (rgb, width, height) => Web(rgb, width, height, compression))));
        seeds.TryAdd("tiff-jpeg2000-rgb", () => Jpeg2000(Jpeg2000Rgb, samples => samples.OpenJpeg("j2k", "-I", "-r", "4")));
        seeds.TryAdd("tiff-jpeg2000-jp2", () => Jpeg2000(Jpeg2000Rgb, samples => samples.OpenJpeg("jp2", "-t", "16,16", "-n", "3")));
        seeds.TryAdd("tiff-jpeg2000-ycbcr", () => Jpeg2000(Jpeg2000YCbCr, samples => samples.OpenJpegYCbCr(2)));
        seeds.Add("tiff-sparse", Sparse());
        seeds.Add("tiff-profile", Profile());
        seeds.Add("tiff-aperio", AperioSlide.Build(picture => picture.Page(TiffPacking.Jpeg)));
        seeds.Add("tiff-aperio-lzw", AperioSlide.Build(picture => picture.Page(TiffPacking.LzwPredicted)));
        OmeSeeds.AddTo(seeds);
    }

    public static byte[] Pyramid(TiffLayout layout, bool tiled, Func<TiffPicture, TiffBuilderPage> page)
    {
        (int, int)? tile = tiled ? (Tile, Tile) : null;
        var builder = new TiffBuilder(layout);
        builder.Pages.Add(page(new TiffPicture(Width, Height, tile)));
        builder.Pages.Add(page(new TiffPicture(Width / 2, Height / 2, tile)).Set(254, 4, 1));
        return builder.Build();
    }

    static byte[] Sparse()
    {
        var page = new TiffPicture(Width, Height, (Tile, Tile)).Page(TiffPacking.Deflate);
        for (var i = 0; i < page.Chunks.Count; i += 2) page.Chunks[i] = [];
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(page);
        return builder.Build();
    }

    static byte[] Profile()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(Width, Height, (Tile, Tile)).Page(TiffPacking.Jpeg)
            .SetBytes(34675, [.. Enumerable.Range(0, 400).Select(value => (byte)value)]).SetText(305, "A writer").SetText(270, "A description").Set(282, 5, 20000, 1).Set(283, 5, 20000, 1).Set(296, 3, 3));
        return builder.Build();
    }

    static byte[] Zstandard(byte[] rgb)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(rgb).ToArray();
    }

    static byte[] Web(byte[] rgb, int width, int height, SKWebpEncoderCompression compression)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        Channels.RgbToBgra(rgb, bitmap.GetPixelSpan());
        using var pixmap = bitmap.PeekPixels();
        using var encoded = pixmap.Encode(new SKWebpEncoderOptions(compression, 60));
        return encoded!.ToArray();
    }

    // One program run for a tile: all tiles of a level are the same.
    static byte[] Jpeg2000(int code, Func<CodecSamples, byte[]> encode)
    {
        using var folder = new TemporaryFolder();
        var packed = encode(new CodecSamples(folder, Tile, Tile));
        return Pyramid(new TiffLayout(), true, picture => picture.Page(code, Rgb, (_, _, _) => packed));
    }
}
