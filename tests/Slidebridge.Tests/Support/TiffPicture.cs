using System.IO.Compression;
using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Tests.Support;

/// <summary>How a picture's pixels are stored in a TIFF.</summary>
public enum TiffPacking
{
    None,
    Lzw,
    LzwPredicted,
    Deflate,
    DeflatePredicted,
    Jpeg,
}

/// <summary>A picture with known pixels, cut and packed for a TIFF.</summary>
sealed class TiffPicture
{
    readonly int cutWidth, cutHeight;
    readonly bool tiled;

    /// <param name="width">Pixels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="tile">The tile's size; null for strips of 40 rows.</param>
    /// <param name="pixels">Rgb24 to store; null for waves.</param>
    public TiffPicture(int width, int height, (int Width, int Height)? tile, byte[]? pixels = null)
    {
        (Width, Height, tiled) = (width, height, tile is not null);
        (cutWidth, cutHeight) = tile ?? (width, 40);
        // Slow waves with a little noise: JPEG keeps it near, LZW finds repetitions and literals.
        var random = new Random(width * 31 + height);
        Pixels = pixels ?? PaintedSlide.Pixels(width, height, (x, y) =>
            ((byte)(128 + 100 * Math.Sin(x / 23.0)), (byte)(128 + 100 * Math.Cos(y / 17.0) + random.Next(8)), (byte)((x + y) / 8 * 8)));
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Rgb24; after <see cref="Page(TiffPacking)"/> with JPEG, what the JPEG decodes to.</summary>
    public byte[] Pixels { get; private set; }

    /// <summary>Packs the pixels and describes them.</summary>
    public TiffBuilderPage Page(TiffPacking packing)
    {
        var page = new TiffBuilderPage();
        page.Set(256, 4, Width).Set(257, 4, Height).Set(258, 3, 8, 8, 8).Set(277, 3, 3).Set(284, 3, 1);
        page.Set(259, 3, packing switch { TiffPacking.None => 1, TiffPacking.Lzw or TiffPacking.LzwPredicted => 5, TiffPacking.Jpeg => 7, _ => 8 });
        page.Set(262, 3, packing == TiffPacking.Jpeg ? 6 : 2);
        if (packing is TiffPacking.LzwPredicted or TiffPacking.DeflatePredicted) page.Set(317, 3, 2);
        if (tiled) page.Set(322, 4, cutWidth).Set(323, 4, cutHeight);
        else page.Set(278, 4, cutHeight);

        var seen = new byte[Pixels.Length];
        for (var top = 0; top < Height; top += cutHeight)
            for (var left = 0; left < Width; left += cutWidth)
                page.Chunks.Add(Pack(left, top, packing, page, seen));
        Pixels = seen;
        return page;
    }

    /// <summary>Packs the pixels in a way of the test's own.</summary>
    /// <param name="compression">The TIFF's code.</param>
    /// <param name="photometric">The TIFF's code.</param>
    /// <param name="pack">From a tile's Rgb24, its width and its height.</param>
    public TiffBuilderPage Page(int compression, int photometric, Func<byte[], int, int, byte[]> pack)
    {
        var page = Page(TiffPacking.None).Set(259, 3, compression).Set(262, 3, photometric);
        page.Chunks.Clear();
        for (var top = 0; top < Height; top += cutHeight)
            for (var left = 0; left < Width; left += cutWidth)
                page.Chunks.Add(Cut(left, top) is var cut ? pack(cut, cutWidth, cut.Length / cutWidth / 3) : []);
        return page;
    }

    /// <summary>The same picture at half the size, by the mean of four.</summary>
    public TiffPicture Half()
    {
        int width = Width / 2, height = Height / 2;
        var half = new byte[width * height * 3];
        for (var i = 0; i < half.Length; i++)
        {
            var at = (i / 3 / width * 2 * Width + i / 3 % width * 2) * 3 + i % 3;
            half[i] = (byte)((Pixels[at] + Pixels[at + 3] + Pixels[at + Width * 3] + Pixels[at + Width * 3 + 3] + 2) / 4);
        }
        return new TiffPicture(width, height, tiled ? (cutWidth, cutHeight) : null, half);
    }

    /// <summary>Packs each colour as a plane of its own (PlanarConfiguration 2).</summary>
    public TiffBuilderPage PlanarPage(TiffPacking packing)
    {
        var page = Page(packing).Set(284, 3, 2);
        page.Chunks.Clear();
        for (var plane = 0; plane < 3; plane++) page.Chunks.AddRange(PlaneChunks(plane, packing));
        return page;
    }

    /// <summary>Packs one colour as a grey picture.</summary>
    public TiffBuilderPage PlanePage(int plane, TiffPacking packing)
    {
        var page = Page(packing).Set(258, 3, 8).Set(277, 3, 1).Set(262, 3, 1);
        page.Chunks.Clear();
        page.Chunks.AddRange(PlaneChunks(plane, packing));
        return page;
    }

    IEnumerable<byte[]> PlaneChunks(int plane, TiffPacking packing)
    {
        for (var top = 0; top < Height; top += cutHeight)
            for (var left = 0; left < Width; left += cutWidth)
            {
                byte[] gray = [.. Cut(left, top).Where((_, i) => i % 3 == plane)];
                if (packing is TiffPacking.LzwPredicted or TiffPacking.DeflatePredicted)
                    for (var i = gray.Length - 1; i > 0; i--)
                        if (i % cutWidth != 0) gray[i] -= gray[i - 1];
                yield return packing switch { TiffPacking.None => gray, TiffPacking.Lzw or TiffPacking.LzwPredicted => LzwEncoder.Encode(gray), _ => Deflate(gray) };
            }
    }

    /// <summary>A tile's or strip's Rgb24: a strip is as high as its rows; a tile is padded.</summary>
    byte[] Cut(int left, int top)
    {
        var height = tiled ? cutHeight : Math.Min(cutHeight, Height - top);
        var cut = new byte[cutWidth * height * 3];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < cutWidth; x++)
                Pixels.AsSpan((Math.Min(top + y, Height - 1) * Width + Math.Min(left + x, Width - 1)) * 3, 3).CopyTo(cut.AsSpan((y * cutWidth + x) * 3));
        return cut;
    }

    byte[] Pack(int left, int top, TiffPacking packing, TiffBuilderPage page, byte[] seen)
    {
        var cut = Cut(left, top);
        var height = cut.Length / cutWidth / 3;
        var decoded = cut.AsSpan().ToArray();
        var packed = packing switch
        {
            TiffPacking.None => cut,
            TiffPacking.Lzw => LzwEncoder.Encode(cut),
            TiffPacking.LzwPredicted => LzwEncoder.Encode(Predict(cut, height)),
            TiffPacking.Deflate => Deflate(cut),
            TiffPacking.DeflatePredicted => Deflate(Predict(cut, height)),
            _ => Jpeg(cut, height, page, decoded),
        };
        for (var y = 0; y < Math.Min(height, Height - top); y++)
            decoded.AsSpan(y * cutWidth * 3, Math.Min(cutWidth, Width - left) * 3).CopyTo(seen.AsSpan(((top + y) * Width + left) * 3));
        return packed;
    }

    byte[] Predict(byte[] cut, int height)
    {
        for (var y = 0; y < height; y++)
            for (var i = cutWidth * 3 - 1; i >= 3; i--) cut[y * cutWidth * 3 + i] -= cut[y * cutWidth * 3 + i - 3];
        return cut;
    }

    static byte[] Deflate(byte[] cut)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest)) zlib.Write(cut);
        return packed.ToArray();
    }

    /// <summary>Tables that the tiles share go into the directory, as in a real slide; the tile's stream keeps the rest.</summary>
    byte[] Jpeg(byte[] cut, int height, TiffBuilderPage page, byte[] decoded)
    {
        var jpeg = JpegEncoders.Best.Encode(cut, cutWidth, height, PixelFormat.Rgb24, 90);
        JpegDecoders.Best.Decode(jpeg, cutWidth, height, decoded, cutWidth * 3, PixelFormat.Rgb24);
        List<byte> tables = [0xFF, 0xD8], rest = [0xFF, 0xD8];
        var end = 2;
        foreach (var segment in new JpegSegments(jpeg))
        {
            // DQT, and DHT where the encoder does not fit it to each tile.
            (segment.Marker is 0xDB || (segment.Marker is 0xC4 && JpegEncoders.Best is TurboJpegEncoder) ? tables : rest).AddRange(segment.Bytes);
            end = segment.End;
        }
        page.SetBytes(347, [.. tables, 0xFF, 0xD9]);
        return [.. rest, .. jpeg.AsSpan(end)];
    }
}
