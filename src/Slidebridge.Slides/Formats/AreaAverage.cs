using System.Buffers;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// Shrinks a picture that arrives in rectangles, in any order: every output pixel is the mean of the area it covers.
/// Memory is the output's and one rectangle's. Sums are whole numbers, so the order of arrival does not show.
/// </summary>
/// <param name="sourceWidth">The whole source's width, which need not be whole: a level decoded at 1/8 may be 277.5 wide.</param>
/// <param name="sourceHeight">The whole source's height.</param>
/// <param name="width">Output pixels, at most the source's.</param>
/// <param name="height">Output rows, at most the source's.</param>
sealed class AreaAverage(double sourceWidth, double sourceHeight, int width, int height)
{
    // A source pixel's share of an output pixel, in 1/4096: finer than 8 bits a channel can show.
    const int One = 4096;

    readonly long[] sums = new long[width * height * 3];
    readonly long[] weights = new long[width * height];
    readonly Lock gate = new();

    readonly record struct Share(int Output, int Weight);

    /// <summary>Adds Rgb24 pixels whose top left lies at (<paramref name="x"/>, <paramref name="y"/>) of the source. Thread-safe.</summary>
    public void Add(ReadOnlySpan<byte> rgb, int stride, int x, int y, int columns, int rows)
    {
        var across = Shares(x, columns, width / sourceWidth, width);
        var down = Shares(y, rows, height / sourceHeight, height);
        if (across.Count == 0 || down.Count == 0) return;
        int firstX = across.Min(share => share.Share.Output), lastX = across.Max(share => share.Share.Output);
        int firstY = down.Min(share => share.Share.Output), lastY = down.Max(share => share.Share.Output);
        int outWidth = lastX - firstX + 1, outHeight = lastY - firstY + 1;

        var row = ArrayPool<long>.Shared.Rent(outWidth * 3);
        var block = ArrayPool<long>.Shared.Rent(outWidth * outHeight * 3);
        try
        {
            block.AsSpan(0, outWidth * outHeight * 3).Clear();
            var squeezed = -1;
            foreach (var (sourceY, share) in down)
            {
                if (squeezed != sourceY) Squeeze(rgb.Slice(sourceY * stride, columns * 3), across, firstX, row.AsSpan(0, outWidth * 3));
                squeezed = sourceY;
                var to = block.AsSpan((share.Output - firstY) * outWidth * 3, outWidth * 3);
                for (var i = 0; i < to.Length; i++) to[i] += row[i] * share.Weight;
            }
            Merge(block, across, down, firstX, firstY, outWidth, outHeight);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(row);
            ArrayPool<long>.Shared.Return(block);
        }
    }

    /// <summary>The means as Rgb24; white where nothing was added.</summary>
    public byte[] Finish()
    {
        var pixels = new byte[sums.Length];
        for (var i = 0; i < weights.Length; i++)
            for (var c = 0; c < 3; c++)
                pixels[i * 3 + c] = weights[i] == 0 ? (byte)255 : (byte)((sums[i * 3 + c] + weights[i] / 2) / weights[i]);
        return pixels;
    }

    static void Squeeze(ReadOnlySpan<byte> source, List<(int Source, Share Share)> across, int firstX, Span<long> row)
    {
        row.Clear();
        foreach (var (x, share) in across)
        {
            var to = (share.Output - firstX) * 3;
            row[to] += source[x * 3] * share.Weight;
            row[to + 1] += source[x * 3 + 1] * share.Weight;
            row[to + 2] += source[x * 3 + 2] * share.Weight;
        }
    }

    void Merge(long[] block, List<(int Source, Share Share)> across, List<(int Source, Share Share)> down, int firstX, int firstY, int outWidth, int outHeight)
    {
        var weightX = Total(across, firstX, outWidth);
        var weightY = Total(down, firstY, outHeight);
        lock (gate)
        {
            for (var y = 0; y < outHeight; y++)
                for (var x = 0; x < outWidth; x++)
                {
                    var to = (firstY + y) * width + firstX + x;
                    var from = (y * outWidth + x) * 3;
                    weights[to] += weightX[x] * weightY[y];
                    for (var c = 0; c < 3; c++) sums[to * 3 + c] += block[from + c];
                }
        }
    }

    static long[] Total(List<(int Source, Share Share)> shares, int first, int count)
    {
        var totals = new long[count];
        foreach (var (_, share) in shares) totals[share.Output - first] += share.Weight;
        return totals;
    }

    /// <summary>How each source pixel of one axis is dealt to output pixels; one that straddles several is split.</summary>
    static List<(int Source, Share Share)> Shares(int origin, int count, double scale, int outputs)
    {
        var shares = new List<(int, Share)>(count * 2);
        for (var i = 0; i < count; i++)
        {
            double from = (origin + i) * scale, to = Math.Min((origin + i + 1) * scale, outputs);
            for (var output = (int)from; output < to && output < outputs; output++)
            {
                var part = (Math.Min(to, output + 1) - Math.Max(from, output)) / scale;
                var weight = (int)Math.Round(part * One);
                if (weight > 0) shares.Add((i, new Share(output, weight)));
            }
        }
        return shares;
    }
}
