using System.Buffers;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// Paints one block of a generated slide:
/// 1. slowly changing fields (the tissue's depth, the deformation of borders, the fibres' direction) are computed on a lattice and interpolated linearly;
/// 2. for each pixel, its kind (glass, stroma, cleft, lining, lumen) and the amount of each stain are computed;
/// 3. the nuclei are added; 4. the colours are computed.
/// The lattice is aligned to multiples of its step, so a block's border is never visible.
/// </summary>
sealed class TissuePainter(TissueShape shape, TissueCells cells, Noise noise, SyntheticStain stain)
{
    const int Step = 8;

    readonly Noise fibre = noise.Other(21);
    readonly Noise grain = noise.Other(22);
    readonly Noise chromatin = noise.Other(23);

    /// <summary>Paints pixels (x, y) to (x + width, y + height) as Rgb24 into rows of <paramref name="stride"/> bytes.</summary>
    public void Paint(int x, int y, int width, int height, Span<byte> rgb, int stride)
    {
        var count = width * height;
        var rented = ArrayPool<float>.Shared.Rent(count * 2);
        try
        {
            var haematoxylin = rented.AsSpan(0, count);
            var eosin = rented.AsSpan(count, count);
            haematoxylin.Clear();
            eosin.Clear();
            Ground(x, y, width, height, haematoxylin, eosin);
            if (stain is SyntheticStain.Ki67) Counterstain(haematoxylin, eosin);
            foreach (var nucleus in cells.NucleiIn(x, y, width, height)) Stamp(nucleus, x, y, width, height, haematoxylin, eosin);
            for (var row = 0; row < height; row++)
                for (var column = 0; column < width; column++)
                {
                    var i = row * width + column;
                    var noisy = (grain.Bits(x + column, y + row) & 255) * (5f / 256) - 2.5f;
                    var pixel = rgb.Slice(row * stride + column * 3, 3);
                    if (stain is SyntheticStain.Ki67) Stain.PaintBrown(haematoxylin[i], eosin[i], noisy, pixel);
                    else Stain.Paint(haematoxylin[i], eosin[i], noisy, pixel);
                }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    void Ground(int x, int y, int width, int height, Span<float> haematoxylin, Span<float> eosin)
    {
        var depths = new Lattice(x, y, width, height, Step, shape.Depth);
        if (depths.Largest < -0.01f) return;
        var bends = new Lattice(x, y, width, height, Step, cells.Bend);
        var cosines = new Lattice(x, y, width, height, Step, (px, py) => MathF.Cos(cells.Direction(px, py)));
        var sines = new Lattice(x, y, width, height, Step, (px, py) => MathF.Sin(cells.Direction(px, py)));
        var warps = new Lattice(x, y, width, height, Step, (px, py) => 26 * fibre.Smooth(px / 90, py / 90));
        var glands = cells.GlandsIn(x, y, width, height);

        for (var row = 0; row < height; row++)
            for (var column = 0; column < width; column++)
            {
                var depth = depths[column, row];
                if (depth < 0) continue;
                float px = x + column, py = y + row, warp = warps[column, row];
                // Fibres: noise stretched along one axis and bent sideways by slowly changing noise.
                float along = (px * 0.94f + py * 0.34f) / 46, across = (py * 0.94f - px * 0.34f + warp * (0.6f + cosines[column, row] + sines[column, row])) / 5.5f;
                var strand = fibre.Smooth(along, across);
                var cloud = fibre.Smooth(px / 34, py / 34);

                var (nearest, gland) = Nearest(glands, px, py);
                var distance = nearest + bends[column, row];
                var i = row * width + column;
                if (distance >= 1.06f || gland.Radius == 0)
                {
                    // Stroma: strands of eosin with pale gaps between them.
                    var gap = strand < -0.52f ? (-0.52f - strand) * 1.1f : 0;
                    eosin[i] = Math.Max(0.04f, 0.46f + 0.17f * strand + 0.09f * cloud - gap);
                    haematoxylin[i] = Math.Max(0, 0.07f + 0.03f * cloud);
                }
                else if (distance >= 1 && strand > -0.35f + (distance - 1) * 4)
                {
                    // The cleft: here the lining has shrunk away from the stroma.
                    (haematoxylin[i], eosin[i]) = (0.01f, 0.07f);
                }
                else if (distance >= gland.Lumen)
                {
                    // The lining's cytoplasm: paler towards the lumen, bluer at the base.
                    var inward = Math.Clamp((1 - distance) / (1 - gland.Lumen), 0, 1);
                    eosin[i] = 0.42f - 0.14f * inward + 0.08f * cloud + (distance < gland.Lumen + 0.035f ? 0.16f : 0);
                    haematoxylin[i] = 0.24f - 0.1f * inward + 0.05f * cloud;
                }
                else
                {
                    // The lumen: glass with a little secretion in some places.
                    eosin[i] = cloud > 0.45f ? (cloud - 0.45f) * 0.35f : 0;
                }
                // The tissue becomes thinner over a few pixels at its border.
                if (depth < 0.006f)
                {
                    eosin[i] *= depth / 0.006f;
                    haematoxylin[i] *= depth / 0.006f;
                }
            }
    }

    /// <summary>Immunohistochemistry: very little blue, and a little unspecific brown. The second stain is DAB from here on.</summary>
    static void Counterstain(Span<float> haematoxylin, Span<float> second)
    {
        for (var i = 0; i < second.Length; i++) (haematoxylin[i], second[i]) = (0.4f * haematoxylin[i] + 0.32f * second[i], 0.05f * second[i]);
    }

    static (float Distance, Gland Gland) Nearest(List<Gland> glands, float x, float y)
    {
        var (distance, nearest) = (float.PositiveInfinity, default(Gland));
        foreach (var gland in glands)
            if (gland.Distance(x, y) is var found && found < distance)
                (distance, nearest) = (found, gland);
        return (distance, nearest);
    }

    void Stamp(SyntheticNucleus nucleus, int x, int y, int width, int height, Span<float> haematoxylin, Span<float> eosin)
    {
        var reach = nucleus.LongRadius + 1.5f;
        int left = Math.Max(0, (int)(nucleus.X - reach) - x), right = Math.Min(width - 1, (int)(nucleus.X + reach) + 1 - x);
        int top = Math.Max(0, (int)(nucleus.Y - reach) - y), bottom = Math.Min(height - 1, (int)(nucleus.Y + reach) + 1 - y);
        float cos = MathF.Cos(nucleus.Angle), sin = MathF.Sin(nucleus.Angle);
        var darkness = nucleus.Kind switch
        {
            NucleusKind.Lymphocyte => 1.35f,
            NucleusKind.Stromal => 1.1f,
            _ => 0.85f + 0.35f * chromatin.At((int)nucleus.X, (int)nucleus.Y),
        };
        for (var row = top; row <= bottom; row++)
            for (var column = left; column <= right; column++)
            {
                float px = x + column, py = y + row, dx = px + 0.5f - nucleus.X, dy = py + 0.5f - nucleus.Y;
                float u = (dx * cos + dy * sin) / nucleus.LongRadius, v = (dy * cos - dx * sin) / nucleus.ShortRadius;
                var r = MathF.Sqrt(u * u + v * v) + 0.09f * chromatin.Smooth(px / 6, py / 6);
                // The border is about one and a half pixels wide.
                var cover = Math.Clamp((1 - r) * nucleus.ShortRadius / 1.5f + 0.5f, 0, 1);
                if (cover <= 0) continue;
                var texture = 1 + 0.24f * chromatin.Smooth(px / 2.6f, py / 2.6f) + (r > 0.72f ? 0.14f : 0);
                var i = row * width + column;
                if (stain is SyntheticStain.Ki67) Mark(nucleus.IsPositive, darkness * texture, cover, ref haematoxylin[i], ref eosin[i]);
                else
                {
                    haematoxylin[i] = Math.Max(haematoxylin[i], haematoxylin[i] * (1 - cover) + darkness * texture * cover);
                    eosin[i] += (0.22f - eosin[i]) * cover;
                }
            }
    }

    static void Mark(bool isPositive, float density, float cover, ref float haematoxylin, ref float dab)
    {
        var (blue, brown) = isPositive ? (0.15f * density, 0.9f * density) : (0.85f * density, 0.02f);
        haematoxylin = Math.Max(haematoxylin, haematoxylin * (1 - cover) + blue * cover);
        dab = Math.Max(dab, dab * (1 - cover) + brown * cover);
    }
}
