using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Tests.Support;

/// <summary>A picture whose pixels are known, as the instances of a DICOM series store it.</summary>
sealed class DicomPicture
{
    public DicomPicture(int width, int height, int tile, int seed = 1, bool gray = false)
    {
        (Width, Height, Tile) = (width, height, tile);
        var random = new Random(seed);
        var (a, b, c) = (random.Next(3, 9), random.Next(3, 9), random.Next(256));
        Pixels = PaintedSlide.Pixels(width, height, (x, y) => gray
            ? ((byte)(x * a + y * b), (byte)(x * a + y * b), (byte)(x * a + y * b))
            : ((byte)(x * a + c), (byte)(y * b), (byte)((x / 5 ^ y / 3) * 7 + c)));
        Gray = gray;
    }

    public int Width { get; }

    public int Height { get; }

    public int Tile { get; }

    public bool Gray { get; }

    /// <summary>Rgb24, shape [Height, Width, 3].</summary>
    public byte[] Pixels { get; }

    public int Columns => (Width + Tile - 1) / Tile;

    public int Rows => (Height + Tile - 1) / Tile;

    /// <summary>A volume instance with all that a reader needs, TILED_FULL and uncompressed RGB until a test says otherwise.</summary>
    public DicomItem Dataset(string flavor = "VOLUME", string series = "2.25.77")
    {
        var mm = 0.0005 * 1000 / Width;
        return new DicomItem()
            .Text(0x00080005, "CS", "ISO_IR 192")
            .Text(0x00080008, "CS", $"DERIVED\\PRIMARY\\{flavor}\\NONE")
            .Text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.77.1.6")
            .Text(0x00080018, "UI", $"2.25.1{Width}{Height}")
            .Text(0x00080060, "CS", "SM")
            .Text(0x00080070, "LO", "Prüfstand")
            .Text(0x00090010, "LO", "A PRIVATE CREATOR")
            .Set(0x00091001, "UN", [1, 2, 3, 4])
            .Text(0x00100010, "PN", "Nobody")
            .Text(0x0020000D, "UI", "2.25.76")
            .Text(0x0020000E, "UI", series)
            .Text(0x00200013, "IS", "1")
            .Text(0x00209311, "CS", "TILED_FULL")
            .Short(0x00280002, Gray ? 1 : 3)
            .Text(0x00280004, "CS", Gray ? "MONOCHROME2" : "RGB")
            .Short(0x00280006, 0)
            .Text(0x00280008, "IS", $"{Columns * Rows}")
            .Short(0x00280010, Tile)
            .Short(0x00280011, Tile)
            .Short(0x00280100, 8)
            .Short(0x00280101, 8)
            .Short(0x00280102, 7)
            .Short(0x00280103, 0)
            .Long(0x00480006, Width)
            .Long(0x00480007, Height)
            .Sequence(0x00480105, Path("1", "Brightfield"))
            .Sequence(0x52009229, new DicomItem().Sequence(0x00289110, new DicomItem().Number(0x00280030, mm, mm / 2)));
    }

    public static DicomItem Path(string identifier, string description) => new DicomItem()
        .Set(0x00282000, "OB", [.. Enumerable.Range(0, 200).Select(value => (byte)value)])
        .Text(0x00480106, "SH", identifier)
        .Text(0x00480107, "ST", description)
        .Number(0x00480112, 40)
        // A code, which the reader passes over.
        .Sequence(0x00220016, new DicomItem().Text(0x00080100, "SH", "111744").Text(0x00080102, "SH", "DCM"));

    /// <summary>A frame's place in the functional groups of a sparse object; from 1.</summary>
    public static DicomItem Position(int column, int row, string? path = null, double? depth = null)
    {
        var position = new DicomItem().Number(0x0040072A, 0).Number(0x0040073A, 0).Long(0x0048021E, column, "SL").Long(0x0048021F, row, "SL");
        if (depth is { } z) position.Number(0x0040074A, z);
        var frame = new DicomItem().Sequence(0x0048021A, position);
        return path is null ? frame : frame.Sequence(0x00480207, new DicomItem().Text(0x00480106, "SH", path));
    }

    public static DicomItem AddPositions(DicomItem dataset, params DicomItem[] positions) =>
        dataset.Text(0x00209311, "CS", "TILED_SPARSE").Sequence(0x52009230, positions).Text(0x00280008, "IS", $"{positions.Length}");

    /// <summary>A tile's Rgb24 pixels, or grey samples; what lies beyond the picture is black.</summary>
    public byte[] TileAt(int column, int row)
    {
        var samples = Gray ? 1 : 3;
        var tile = new byte[Tile * Tile * samples];
        for (var y = 0; y < Tile && row * Tile + y < Height; y++)
            for (var x = 0; x < Tile && column * Tile + x < Width; x++)
                Pixels.AsSpan(((row * Tile + y) * Width + column * Tile + x) * 3, samples).CopyTo(tile.AsSpan((y * Tile + x) * samples));
        return tile;
    }

    /// <summary>All tiles, along a row and then down, each as <paramref name="encode"/> makes it.</summary>
    public List<byte[]> Frames(Func<byte[], byte[]>? encode = null) =>
        [.. from row in Enumerable.Range(0, Rows) from column in Enumerable.Range(0, Columns) let tile = TileAt(column, row) select encode is null ? tile : encode(tile)];

    /// <summary>One colour after the other.</summary>
    public byte[] Planes(byte[] tile) => [.. Enumerable.Range(0, 3).SelectMany(channel => Enumerable.Range(0, Tile * Tile).Select(i => tile[i * 3 + channel]))];

    public byte[] Rle(byte[] tile)
    {
        var planes = Gray ? [tile] : Enumerable.Range(0, 3).Select(channel => Planes(tile)[(channel * Tile * Tile)..((channel + 1) * Tile * Tile)]).ToArray();
        var segments = planes.Select(RleEncoder.Encode).ToList();
        var header = new byte[64];
        BitConverter.TryWriteBytes(header, segments.Count);
        for (int i = 0, at = 64; i < segments.Count; at += segments[i++].Length) BitConverter.TryWriteBytes(header.AsSpan(4 + i * 4), at);
        return [.. header, .. segments.SelectMany(segment => segment)];
    }

    public byte[] Jpeg(byte[] tile) => JpegEncoders.Best.Encode(tile, Tile, Tile, PixelFormat.Rgb24, 90);

    /// <summary>The picture as the JPEGs of its tiles decode.</summary>
    public byte[] AfterJpeg()
    {
        var pixels = new byte[Pixels.Length];
        for (var row = 0; row < Rows; row++)
            for (var column = 0; column < Columns; column++)
            {
                var tile = new byte[Tile * Tile * 3];
                JpegDecoders.Best.Decode(Jpeg(TileAt(column, row)), Tile, Tile, tile, Tile * 3, PixelFormat.Rgb24);
                var width = Math.Min(Tile, Width - column * Tile);
                for (var y = 0; y < Tile && row * Tile + y < Height; y++)
                    tile.AsSpan(y * Tile * 3, width * 3).CopyTo(pixels.AsSpan(((row * Tile + y) * Width + column * Tile) * 3));
            }
        return pixels;
    }
}

/// <summary>PS3.5 annex G: runs of three and more, the rest as it is.</summary>
static class RleEncoder
{
    public static byte[] Encode(byte[] plane)
    {
        var packed = new List<byte>();
        for (var at = 0; at < plane.Length;)
        {
            var run = Run(plane, at);
            if (run >= 3)
            {
                packed.Add((byte)(257 - run));
                packed.Add(plane[at]);
                at += run;
                continue;
            }
            var end = at + 1;
            while (end < plane.Length && end - at < 128 && Run(plane, end) < 3) end++;
            packed.Add((byte)(end - at - 1));
            packed.AddRange(plane[at..end]);
            at = end;
        }
        if (packed.Count % 2 != 0) packed.Add(0);
        return [.. packed];
    }

    static int Run(byte[] plane, int at)
    {
        var run = 1;
        while (at + run < plane.Length && run < 128 && plane[at + run] == plane[at]) run++;
        return run;
    }
}
