using System.Buffers;
using System.Numerics;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>Scales pixels one axis at a time, by its taps: first down the rows, which is vectorised, then along each row.</summary>
static class Resampler
{
    /// <param name="source">The pixels from (across.First, down.First) on, to (across.End, down.End).</param>
    /// <param name="stride">Bytes from a source row to the next.</param>
    /// <param name="across">Taps for the columns of the target.</param>
    /// <param name="down">Taps for the rows of the target.</param>
    /// <param name="target">Has the source's format; background where there are no taps.</param>
    public static void Run(ReadOnlySpan<byte> source, int stride, Taps across, Taps down, PixelTarget target)
    {
        var channels = target.Format.BytesPerPixel();
        var length = (across.End - across.First) * channels;
        var rented = ArrayPool<uint>.Shared.Rent(length + Vector<uint>.Count);
        try
        {
            var sums = rented.AsSpan(0, length);
            for (var y = 0; y < target.Height; y++)
            {
                var weights = down.WeightsOf(y);
                if (weights.IsEmpty)
                {
                    target.Row(y).Fill(target.Format.Background());
                    continue;
                }
                sums.Clear();
                for (var i = 0; i < weights.Length; i++)
                    AddTimes(source.Slice((down.FirstOf(y) - down.First + i) * stride, length), weights[i], sums);
                Squeeze(sums, across, channels, target.Row(y), target.Format.Background());
            }
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(rented);
        }
    }

    static void AddTimes(ReadOnlySpan<byte> row, uint weight, Span<uint> sums)
    {
        if (weight == 0) return;
        var i = 0;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out var low, out var high);
            Add(low, sums[i..]);
            Add(high, sums[(i + Vector<ushort>.Count)..]);
        }
        for (; i < row.Length; i++) sums[i] += row[i] * weight;

        void Add(Vector<ushort> values, Span<uint> to)
        {
            Vector.Widen(values, out var low, out var high);
            (new Vector<uint>(to) + low * weight).CopyTo(to);
            to = to[Vector<uint>.Count..];
            (new Vector<uint>(to) + high * weight).CopyTo(to);
        }
    }

    static void Squeeze(ReadOnlySpan<uint> sums, Taps across, int channels, Span<byte> row, byte background)
    {
        const uint Half = 1u << (2 * Taps.Bits - 1);
        for (int x = 0, to = 0; x < across.Count; x++, to += channels)
        {
            var weights = across.WeightsOf(x);
            if (weights.IsEmpty)
            {
                row.Slice(to, channels).Fill(background);
                continue;
            }
            uint first = Half, second = Half, third = Half, fourth = Half;
            var from = (across.FirstOf(x) - across.First) * channels;
            foreach (var weight in weights)
            {
                first += sums[from] * weight;
                second += sums[from + 1] * weight;
                third += sums[from + 2] * weight;
                if (channels == 4) fourth += sums[from + 3] * weight;
                from += channels;
            }
            row[to] = (byte)(first >> (2 * Taps.Bits));
            row[to + 1] = (byte)(second >> (2 * Taps.Bits));
            row[to + 2] = (byte)(third >> (2 * Taps.Bits));
            if (channels != 4) continue;
            row[to + 3] = (byte)(fourth >> (2 * Taps.Bits));
            if (row[to + 3] is > 0 and < 255) Strengthen(row.Slice(to, 3), (first, second, third, fourth));
        }
    }

    /// <summary>For a pixel that is partly background, which is all zeros: the colour of the other part only.</summary>
    static void Strengthen(Span<byte> colors, (uint First, uint Second, uint Third, uint Alpha) sums)
    {
        for (var i = 0; i < colors.Length; i++)
        {
            var sum = (ulong)(i switch { 0 => sums.First, 1 => sums.Second, _ => sums.Third });
            colors[i] = (byte)Math.Min(255, (sum * 255 + sums.Alpha / 2) / sums.Alpha);
        }
    }
}
