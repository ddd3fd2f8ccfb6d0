using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// Shrinks a picture that arrives in rectangles, in any order: every output pixel is the mean of the area that it covers.
/// Memory is needed for the output and for a part of each rectangle. Sums are integers, so the order of arrival does not change the result;
/// they sum the difference to white, so pixels that are never added are white.
/// </summary>
/// <param name="sourceWidth">The whole source's width, which need not be an integer: a level decoded at 1/8 may be 277.5 pixels wide.</param>
/// <param name="sourceHeight">The whole source's height.</param>
/// <param name="width">Output pixels in a row, at most the source's.</param>
/// <param name="height">Output rows, at most the source's.</param>
sealed class AreaAverage(double sourceWidth, double sourceHeight, int width, int height) : IDisposable
{
    // The sum of the weights of an output pixel along one axis: 255 × 4096 × 4096, plus the half for rounding, fits in 32 bits.
    const int Bits = 12, One = 1 << Bits;

    // Rows that are summed before the output is locked: enough that locking is rare, few enough that the sums stay small.
    const int Band = 64;

    readonly uint[] rented = Cleared(width * height * 3);
    readonly Lock gate = new();

    /// <summary>A source pixel's share of one output pixel, and of the next one if it lies in two.</summary>
    readonly record struct Share(int Output, uint Weight, uint Next);

    /// <summary>Adds Rgb24 pixels whose top left lies at (<paramref name="x"/>, <paramref name="y"/>) of the source. Thread-safe.</summary>
    public void Add(ReadOnlySpan<byte> rgb, int stride, int x, int y, int columns, int rows)
    {
        for (var row = 0; row < rows; row += Band)
            AddBand(rgb[(row * stride)..], stride, x, y + row, columns, Math.Min(Band, rows - row));
    }

    void AddBand(ReadOnlySpan<byte> rgb, int stride, int x, int y, int columns, int rows)
    {
        var shares = ArrayPool<Share>.Shared.Rent(columns + rows);
        var across = Deal(x, sourceWidth, width, shares.AsSpan(0, columns));
        var down = Deal(y, sourceHeight, height, shares.AsSpan(columns, rows));
        int left = across[0].Output, top = down[0].Output;
        int outWidth = Last(across) - left + 1, outHeight = Last(down) - top + 1;

        // One more pixel in each direction, so that the share of a next pixel always has a place.
        int rowLength = (outWidth + 1) * 3, blockLength = rowLength * (outHeight + 1);
        var sumsOfRow = ArrayPool<uint>.Shared.Rent(rowLength);
        var sumsOfBlock = ArrayPool<uint>.Shared.Rent(blockLength);
        try
        {
            var row = sumsOfRow.AsSpan(0, rowLength);
            var block = sumsOfBlock.AsSpan(0, blockLength);
            block.Clear();
            for (var i = 0; i < rows; i++)
            {
                Squeeze(rgb.Slice(i * stride, columns * 3), across, row);
                var share = down[i];
                var to = block[((share.Output - top) * rowLength)..];
                AddTimes(row, share.Weight, to);
                if (share.Next > 0) AddTimes(row, share.Next, to[rowLength..]);
            }
            lock (gate)
                for (var i = 0; i < outHeight; i++)
                    AddTimes(block.Slice(i * rowLength, outWidth * 3), 1, rented.AsSpan(((top + i) * width + left) * 3));
        }
        finally
        {
            ArrayPool<Share>.Shared.Return(shares);
            ArrayPool<uint>.Shared.Return(sumsOfRow);
            ArrayPool<uint>.Shared.Return(sumsOfBlock);
        }
    }

    /// <summary>Writes the means as Rgb24; pixels that were never added are white.</summary>
    public void Finish(Span<byte> pixels)
    {
        const uint Half = 1u << (2 * Bits - 1);
        var sums = rented.AsSpan(0, width * height * 3);
        pixels = pixels[..sums.Length];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(255 - ((sums[i] + Half) >> (2 * Bits)));
    }

    public void Dispose() => PicturePool.Sums.Return(rented);

    static uint[] Cleared(int length)
    {
        var array = PicturePool.Sums.Rent(length);
        array.AsSpan(0, length).Clear();
        return array;
    }

    static void Squeeze(ReadOnlySpan<byte> source, ReadOnlySpan<Share> across, Span<uint> row)
    {
        row.Clear();
        var left = across[0].Output;
        for (var i = 0; i < across.Length; i++)
        {
            var (output, weight, next) = across[i];
            var pixel = source.Slice(i * 3, 3);
            var to = row.Slice((output - left) * 3, 6);
            to[0] += (uint)(255 - pixel[0]) * weight;
            to[1] += (uint)(255 - pixel[1]) * weight;
            to[2] += (uint)(255 - pixel[2]) * weight;
            if (next == 0) continue;
            to[3] += (uint)(255 - pixel[0]) * next;
            to[4] += (uint)(255 - pixel[1]) * next;
            to[5] += (uint)(255 - pixel[2]) * next;
        }
    }

    static void AddTimes(ReadOnlySpan<uint> values, uint weight, Span<uint> sums)
    {
        sums = sums[..values.Length];
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(values);
        var sumVectors = MemoryMarshal.Cast<uint, Vector<uint>>(sums);
        for (var i = 0; i < vectors.Length; i++) sumVectors[i] += vectors[i] * weight;
        for (var i = vectors.Length * Vector<uint>.Count; i < values.Length; i++) sums[i] += values[i] * weight;
    }

    /// <summary>
    /// How the source pixels of one axis are distributed to output pixels. Ends are rounded, not lengths, so the shares of an output
    /// pixel always add up to exactly <see cref="One"/>, for any number of rectangles.
    /// </summary>
    static ReadOnlySpan<Share> Deal(int origin, double source, int outputs, Span<Share> shares)
    {
        var scale = outputs / source * One;
        var end = (long)outputs * One;
        var from = Place(origin);
        for (var i = 0; i < shares.Length; i++)
        {
            var to = Place(origin + i + 1);
            // Only the last source pixel can begin at the very end; its share is then 0.
            var output = Math.Min((int)(from >> Bits), outputs - 1);
            var border = Math.Min(to, (long)(output + 1) << Bits);
            shares[i] = new Share(output, (uint)Math.Max(0, border - from), (uint)(to - Math.Max(from, border)));
            from = to;
        }
        return shares;

        long Place(int pixel) => Math.Min((long)Math.Round(pixel * scale), end);
    }

    static int Last(ReadOnlySpan<Share> shares) => shares[^1].Next > 0 ? shares[^1].Output + 1 : shares[^1].Output;
}
