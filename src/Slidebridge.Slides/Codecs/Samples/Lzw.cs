using System.Buffers;

namespace Slidebridge.Slides.Codecs;

/// <summary>
/// LZW as in TIFF 6.0 §13: codes of 9 to 12 bits, most significant bit first, 256 clears the table, 257 ends,
/// and the width grows one code early. Before TIFF 6.0, codes had the least significant bit first, and the width grew one code later: such a stream is recognised
/// by its first code, as in libtiff. A table entry points to where its string was last written, so nothing is copied twice.
/// </summary>
sealed class Lzw : ISampleExpander
{
    const int Clear = 256, End = 257, FirstFree = 258, MostCodes = 4096;

    // A code has at least 9 bits, and its string is no longer than the number of table entries.
    public int MostExpansion => MostCodes;

    public int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        // Code c (from 258 on) means samples[starts[c] .. starts[c] + lengths[c]].
        var starts = ArrayPool<int>.Shared.Rent(MostCodes);
        var lengths = ArrayPool<int>.Shared.Rent(MostCodes);
        try
        {
            return Expand(encoded, samples, starts, lengths);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(starts);
            ArrayPool<int>.Shared.Return(lengths);
        }
    }

    static int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples, int[] starts, int[] lengths)
    {
        // The code 256 in nine bits: 00 01 with the least significant bit first, 80 00 otherwise.
        var isOld = encoded is [0, var second, ..] && (second & 1) != 0;
        int written = 0, free = FirstFree, width = 9, early = isOld ? 0 : 1;
        int previousStart = -1, previousLength = 0;
        int from = 0, bits = 0;
        uint buffer = 0;
        while (written < samples.Length)
        {
            while (bits < width)
            {
                if (from == encoded.Length) return written;
                buffer = isOld ? buffer | (uint)encoded[from++] << bits : buffer << 8 | encoded[from++];
                bits += 8;
            }
            bits -= width;
            var code = (int)(isOld ? buffer : buffer >> bits) & ((1 << width) - 1);
            if (isOld) buffer >>= width;

            if (code == End) return written;
            if (code == Clear)
            {
                (free, width, previousStart) = (FirstFree, 9, -1);
                continue;
            }

            var start = written;
            if (code < Clear)
            {
                samples[written++] = (byte)code;
            }
            else if (code < free)
            {
                written += Copy(samples, starts[code], written, lengths[code]);
            }
            else if (code == free && previousStart >= 0)
            {
                // The code that is added next: the previous string and its own first byte.
                // This string lies right before the output position, so the copy reads bytes that it has just written.
                written += Copy(samples, previousStart, written, previousLength + 1);
            }
            else
            {
                throw new SlideFormatException($"the tile's LZW code {code} is not defined yet. It is damaged.");
            }

            if (previousStart >= 0 && free < MostCodes)
            {
                // The previous string plus this one's first byte, which follows it in the output.
                starts[free] = previousStart;
                lengths[free++] = previousLength + 1;
                if (free >= (1 << width) - early && width < 12) width++;
            }
            (previousStart, previousLength) = (start, written - start);
        }
        return written;
    }

    static int Copy(Span<byte> samples, int from, int to, int length)
    {
        var count = Math.Min(length, samples.Length - to);
        if (from + count <= to) samples.Slice(from, count).CopyTo(samples[to..]);
        else for (var i = 0; i < count; i++) samples[to + i] = samples[from + i];
        return count;
    }
}
