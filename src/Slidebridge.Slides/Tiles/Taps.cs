using System.Buffers;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// Which source pixels make up each output pixel along one axis, and with which weights. Shrinking takes the mean of the area that an output pixel covers;
/// enlarging interpolates linearly between the two nearest. Pixels outside the source have no taps.
/// </summary>
sealed class Taps : IDisposable
{
    /// <summary>The sum of an output pixel's weights: 255 × 4096 × 4096, plus the half for rounding, fits in 32 bits.</summary>
    public const int Bits = 12, One = 1 << Bits;

    readonly int[] starts, firsts;
    readonly uint[] weights;

    /// <param name="origin">The beginning of the first output pixel, in source pixels.</param>
    /// <param name="scale">Source pixels per output pixel.</param>
    /// <param name="count">Output pixels.</param>
    /// <param name="limit">Source pixels along this axis.</param>
    public Taps(double origin, double scale, int count, int limit)
    {
        Count = count;
        starts = ArrayPool<int>.Shared.Rent(count + 1);
        firsts = ArrayPool<int>.Shared.Rent(count);
        // The taps of each output pixel; in total at most the number of source pixels, plus two per output pixel that are shared with the next.
        weights = ArrayPool<uint>.Shared.Rent((int)Math.Min(count * (Math.Ceiling(Math.Max(scale, 1)) + 1), limit + 2.0 * count));
        (First, End) = (int.MaxValue, 0);
        var used = 0;
        for (var i = 0; i < count; i++)
        {
            starts[i] = used;
            used += scale >= 1 ? Mean(i, origin + i * scale, scale, limit, used) : Line(i, origin + (i + 0.5) * scale - 0.5, limit, used);
            if (used == starts[i]) continue;
            First = Math.Min(First, firsts[i]);
            End = Math.Max(End, firsts[i] + used - starts[i]);
        }
        starts[count] = used;
        if (First == int.MaxValue) First = 0;
    }

    /// <summary>Output pixels.</summary>
    public int Count { get; }

    /// <summary>The first source pixel that any output pixel uses.</summary>
    public int First { get; }

    /// <summary>The index after the last source pixel that any output pixel uses.</summary>
    public int End { get; }

    /// <summary>The first source pixel of an output pixel.</summary>
    public int FirstOf(int output) => firsts[output];

    /// <summary>The weights of an output pixel's source pixels; none if it lies outside.</summary>
    public ReadOnlySpan<uint> WeightsOf(int output) => weights.AsSpan(starts[output], starts[output + 1] - starts[output]);

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(starts);
        ArrayPool<int>.Shared.Return(firsts);
        ArrayPool<uint>.Shared.Return(weights);
    }

    int Mean(int output, double from, double scale, int limit, int at)
    {
        // A product that should be an integer may differ from it by a rounding error, which is not a pixel.
        const double Hair = 1e-6;
        double left = Math.Max(from, 0), right = Math.Min(from + scale, limit);
        if (right - left < Hair) return 0;
        int first = (int)Math.Floor(left + Hair), last = (int)Math.Ceiling(right - Hair) - 1;
        firsts[output] = first;
        // Ends are rounded, not lengths, so the weights add up exactly.
        uint before = 0;
        for (var pixel = first; pixel <= last; pixel++)
        {
            var upTo = pixel == last ? One : (uint)Math.Round((pixel + 1 - left) / (right - left) * One);
            weights[at + pixel - first] = upTo - before;
            before = upTo;
        }
        return last - first + 1;
    }

    int Line(int output, double centre, int limit, int at)
    {
        if (centre < -0.5 || centre >= limit - 0.5) return 0;
        var first = Math.Clamp((int)Math.Floor(centre), 0, Math.Max(0, limit - 2));
        firsts[output] = first;
        if (limit == 1)
        {
            weights[at] = One;
            return 1;
        }
        var second = (uint)Math.Round(Math.Clamp(centre - first, 0, 1) * One);
        weights[at] = One - second;
        weights[at + 1] = second;
        return 2;
    }
}
