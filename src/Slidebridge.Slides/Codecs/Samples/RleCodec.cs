using System.Buffers;
using System.Buffers.Binary;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>DICOM's run-length encoding (PackBits), one segment for each byte plane. PS3.5 annex G.</summary>
sealed class RleCodec : ITileCodec
{
    // The number of segments and fifteen offsets, four bytes each.
    const int HeaderBytes = 64, MostSegments = 15;

    public int MaxReduction => 1;

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        if (encoded.Length < HeaderBytes) throw new SlideFormatException($"the RLE frame has {encoded.Length} bytes; its header needs {HeaderBytes}. It is damaged.");
        var segments = BinaryPrimitives.ReadUInt32LittleEndian(encoded);
        if (segments != tile.Samples) throw new SlideFormatException($"the RLE frame has {segments} segments (at most {MostSegments}); {tile.Samples} samples of 8 bits need {tile.Samples}. It is damaged.");

        // Decode only the wanted rows; a cropped last tile ends early.
        var plane = checked(tile.Width * target.Height);
        var samples = ArrayPool<byte>.Shared.Rent(checked(plane * tile.Samples));
        try
        {
            for (var i = 0; i < tile.Samples; i++) Expand(Segment(encoded, i, tile.Samples), samples.AsSpan(i * plane, plane));
            PlanarCodec.WriteRows(samples, plane, tile, target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }

    static ReadOnlySpan<byte> Segment(ReadOnlySpan<byte> encoded, int index, int count)
    {
        var start = BinaryPrimitives.ReadUInt32LittleEndian(encoded[(4 + index * 4)..]);
        var end = index + 1 < count ? BinaryPrimitives.ReadUInt32LittleEndian(encoded[(8 + index * 4)..]) : (uint)encoded.Length;
        if (start < HeaderBytes || end < start || end > encoded.Length)
            throw new SlideFormatException($"segment {index + 1} of the RLE frame lies at bytes {start} to {end}; the frame has {encoded.Length}. It is damaged.");
        return encoded[(int)start..(int)end];
    }

    // Bytes beyond the wanted ones are not checked: runs may end with the tile's last row instead of the last wanted row.
    static void Expand(ReadOnlySpan<byte> packed, Span<byte> samples)
    {
        int from = 0, to = 0;
        while (to < samples.Length)
        {
            if (from >= packed.Length) throw Short(to, samples.Length);
            var control = (sbyte)packed[from++];
            if (control == -128) continue;
            var count = Math.Min(control >= 0 ? control + 1 : 1 - control, samples.Length - to);
            if (from + (control >= 0 ? count : 1) > packed.Length) throw Short(to, samples.Length);
            if (control >= 0)
            {
                packed.Slice(from, count).CopyTo(samples[to..]);
                from += count;
            }
            else samples.Slice(to, count).Fill(packed[from++]);
            to += count;
        }
    }

    static SlideFormatException Short(int came, int wanted) => new($"a plane of the RLE frame ends after {came} of {wanted} bytes. It is damaged or truncated.");
}
