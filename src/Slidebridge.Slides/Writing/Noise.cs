using System.Runtime.CompilerServices;

namespace Slidebridge.Slides.Writing;

/// <summary>Random values that depend only on a position and a seed, so that any part of a slide can be generated separately.</summary>
readonly struct Noise(uint seed)
{
    /// <summary>32 well-mixed bits for a lattice point. Constants of the lowbias32 mixer (C. Wellons, 2018).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Bits(int x, int y)
    {
        var h = seed ^ (uint)x * 0x9E3779B1u ^ (uint)y * 0x85EBCA77u;
        h ^= h >> 16;
        h *= 0x7FEB352Du;
        h ^= h >> 15;
        h *= 0x846CA68Bu;
        return h ^ h >> 16;
    }

    /// <summary>0 to below 1 for a lattice point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float At(int x, int y) => (Bits(x, y) >> 8) * (1f / (1 << 24));

    /// <summary>−1 to 1, smooth between lattice points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Smooth(float x, float y)
    {
        float fx = MathF.Floor(x), fy = MathF.Floor(y);
        int ix = (int)fx, iy = (int)fy;
        float tx = x - fx, ty = y - fy;
        tx = tx * tx * (3 - 2 * tx);
        ty = ty * ty * (3 - 2 * ty);
        var upper = At(ix, iy) + (At(ix + 1, iy) - At(ix, iy)) * tx;
        var lower = At(ix, iy + 1) + (At(ix + 1, iy + 1) - At(ix, iy + 1)) * tx;
        return (upper + (lower - upper) * ty) * 2 - 1;
    }

    /// <summary>Several octaves of <see cref="Smooth"/>, about −1 to 1.</summary>
    public float Fractal(float x, float y, int octaves)
    {
        float sum = 0, amplitude = 0.55f;
        for (var octave = 0; octave < octaves; octave++)
        {
            sum += amplitude * Smooth(x, y);
            // Each octave is rotated a little: otherwise the lattice is visible.
            (x, y) = (x * 1.9f + y * 0.6f + 17.3f, y * 1.9f - x * 0.6f + 5.1f);
            amplitude *= 0.5f;
        }
        return sum;
    }

    /// <summary>An independent noise from the same seed.</summary>
    public Noise Other(int number) => new(Bits(number, ~number));
}
