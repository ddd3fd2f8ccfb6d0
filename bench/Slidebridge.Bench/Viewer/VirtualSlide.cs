using System.Globalization;
using Slidebridge.Slides.Formats.Tiff;
using Slidebridge.Slides.Writing;

namespace Slidebridge.Bench.Viewer;

/// <summary>
/// A slide as Aperio's scanners write it, without a file: its bytes are made when they are read. The levels are 4 times apart; the tiles of all levels come first, then each directory with its index.
/// </summary>
sealed class VirtualSlide
{
    const int Downsample = 4, SmallestLevel = 1024, HeaderBytes = 16;

    /// <summary>YCbCr, JPEG: TIFF 6.0 §8.</summary>
    const ushort YCbCr = 6, Jpeg = 7;

    sealed record Level(int Edge, int Columns, long[] Offsets, long[] Lengths);

    readonly VirtualTiles tiles;
    readonly List<Level> levels = [];
    readonly byte[] header = new byte[HeaderBytes], directories;
    readonly long directoriesAt;

    public VirtualSlide(VirtualTiles tiles, int megabytes)
    {
        this.tiles = tiles;
        // The smaller levels have a fifteenth of the bytes of level 0.
        Edge = (int)Math.Sqrt(megabytes * 1e6 / (16 / 15.0) / tiles.MeanBytes) * VirtualTiles.Edge;
        long at = HeaderBytes;
        for (var edge = Edge; edge >= SmallestLevel || levels.Count == 0; edge /= Downsample) levels.Add(LayOut(edge, levels.Count, ref at));
        directoriesAt = at;
        directories = Directories();
        "II"u8.CopyTo(header);
        (header[2], header[4]) = (43, 8);
        BitConverter.TryWriteBytes(header.AsSpan(8), directoriesAt);
    }

    /// <summary>Level-0 pixels along an edge.</summary>
    public int Edge { get; }

    /// <summary>Bytes.</summary>
    public long Length => directoriesAt + directories.Length;

    Level LayOut(int edge, int number, ref long at)
    {
        var columns = (edge - 1) / VirtualTiles.Edge + 1;
        var level = new Level(edge, columns, new long[columns * columns], new long[columns * columns]);
        for (var i = 0; i < level.Offsets.Length; i++)
        {
            (level.Offsets[i], level.Lengths[i]) = (at, tiles.LengthOf(NumberOf(number, i)));
            at += level.Lengths[i];
        }
        return level;
    }

    static long NumberOf(int level, int tile) => ((long)level << 32) + tile;

    byte[] Directories()
    {
        using var bytes = new MemoryStream();
        for (var i = 0; i < levels.Count; i++)
        {
            var (level, directory) = (levels[i], new TiffDirectoryWriter(big: true));
            directory.Long(TiffTag.NewSubfileType, 0);
            directory.Long(TiffTag.ImageWidth, level.Edge);
            directory.Long(TiffTag.ImageLength, level.Edge);
            directory.Short(TiffTag.BitsPerSample, 8, 8, 8);
            directory.Short(TiffTag.Compression, Jpeg);
            directory.Short(TiffTag.Photometric, YCbCr);
            directory.Short(TiffTag.SamplesPerPixel, 3);
            directory.Short(TiffTag.PlanarConfiguration, 1);
            directory.Short(TiffTag.YCbCrSubsampling, 2, 2);
            directory.Long(TiffTag.TileWidth, VirtualTiles.Edge);
            directory.Long(TiffTag.TileLength, VirtualTiles.Edge);
            directory.Text(TiffTag.ImageDescription, string.Create(CultureInfo.InvariantCulture,
                $"Aperio Image Library v12.0.0 (Slidebridge) \r\n{Edge}x{Edge} [0,0 {Edge}x{Edge}] (256x256){(i == 0 ? "" : $" -> {level.Edge}x{level.Edge}")} JPEG/YCC Q=80|AppMag = 40|MPP = 0.25"));
            directory.Long(TiffTag.TileOffsets, level.Offsets);
            directory.Long(TiffTag.TileByteCounts, level.Lengths);
            bytes.Write(directory.Layout(directoriesAt + bytes.Length, last: i == levels.Count - 1));
        }
        return bytes.ToArray();
    }

    /// <summary>Reads a range that lies within the slide.</summary>
    public void Read(long offset, Span<byte> into)
    {
        while (into.Length > 0)
        {
            var (start, bytes) = PieceAt(offset);
            var from = bytes.AsSpan((int)(offset - start));
            var count = Math.Min(from.Length, into.Length);
            from[..count].CopyTo(into);
            offset += count;
            into = into[count..];
        }
    }

    (long Start, byte[] Bytes) PieceAt(long offset)
    {
        if (offset < HeaderBytes) return (0, header);
        if (offset >= directoriesAt) return (directoriesAt, directories);
        var number = levels.FindLastIndex(level => level.Offsets[0] <= offset);
        var at = Array.BinarySearch(levels[number].Offsets, offset);
        if (at < 0) at = ~at - 1;
        return (levels[number].Offsets[at], tiles.Make(NumberOf(number, at)));
    }
}
