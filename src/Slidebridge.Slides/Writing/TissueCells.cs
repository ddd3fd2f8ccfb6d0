namespace Slidebridge.Slides.Writing;

/// <summary>The glands and nuclei of a generated slide. Each belongs to a square of a grid and depends only on that square.</summary>
sealed class TissueCells(TissueShape shape, Noise noise, SyntheticStain stain)
{
    // At 0.5 µm per pixel: a gland about every 160 µm, 60 to 110 µm wide; a nucleus about every 15 µm.
    const int GlandGrid = 320, NucleusGrid = 29;
    const float LargestGland = 118 * 1.35f * 1.5f, LargestNucleus = 15;

    // Deeper inside the tissue than this, the lining does not touch the tissue's border.
    const float GlandDepth = 0.12f;

    // The share of dividing cells: many in glands, few outside them.
    const float PositiveEpithelium = 0.4f, PositiveOthers = 0.12f;

    readonly Noise glands = noise.Other(11);
    readonly Noise bend = noise.Other(12);
    readonly Noise nuclei = noise.Other(13);
    readonly Noise crowd = noise.Other(14);
    readonly Noise fibres = noise.Other(15);
    readonly Noise cycle = noise.Other(16);

    /// <summary>The deformation of a gland's border at this position: added to the distance in radii.</summary>
    public float Bend(float x, float y) => 0.2f * bend.Smooth(x / 70, y / 70) + 0.07f * bend.Smooth(x / 23, y / 23);

    /// <summary>The fibres' direction at this position, in radians.</summary>
    public float Direction(float x, float y) => 2.4f * fibres.Smooth(x / 420, y / 420);

    /// <summary>All glands that overlap a rectangle.</summary>
    public List<Gland> GlandsIn(float x, float y, float width, float height)
    {
        var found = new List<Gland>();
        for (var gy = Cell(y - LargestGland, GlandGrid); gy <= Cell(y + height + LargestGland, GlandGrid); gy++)
            for (var gx = Cell(x - LargestGland, GlandGrid); gx <= Cell(x + width + LargestGland, GlandGrid); gx++)
                if (GlandAt(gx, gy) is { } gland
                    && gland.X + gland.Reach > x && gland.X - gland.Reach < x + width && gland.Y + gland.Reach > y && gland.Y - gland.Reach < y + height)
                    found.Add(gland);
        return found;
    }

    /// <summary>All nuclei that overlap a rectangle, in a fixed order.</summary>
    public List<SyntheticNucleus> NucleiIn(float x, float y, float width, float height)
    {
        var found = new List<SyntheticNucleus>();
        var around = GlandsIn(x - LargestNucleus, y - LargestNucleus, width + 2 * LargestNucleus, height + 2 * LargestNucleus);
        foreach (var gland in around) AddLining(gland, found);
        for (var gy = Cell(y - LargestNucleus - NucleusGrid, NucleusGrid); gy <= Cell(y + height + LargestNucleus, NucleusGrid); gy++)
            for (var gx = Cell(x - LargestNucleus - NucleusGrid, NucleusGrid); gx <= Cell(x + width + LargestNucleus, NucleusGrid); gx++)
                AddStroma(gx, gy, around, found);
        found.RemoveAll(nucleus =>
            nucleus.X + LargestNucleus < x || nucleus.X - LargestNucleus > x + width || nucleus.Y + LargestNucleus < y || nucleus.Y - LargestNucleus > y + height);
        if (stain is SyntheticStain.Ki67)
            for (var i = 0; i < found.Count; i++) found[i] = found[i] with { IsPositive = IsPositive(found[i]) };
        return found;
    }

    bool IsPositive(SyntheticNucleus nucleus) =>
        cycle.At((int)(nucleus.X * 8), (int)(nucleus.Y * 8)) < (nucleus.Kind is NucleusKind.Epithelial ? PositiveEpithelium : PositiveOthers);

    static int Cell(float at, int grid) => (int)MathF.Floor(at / grid);

    Gland? GlandAt(int gx, int gy)
    {
        var random = glands.Other((int)glands.Bits(gx, gy));
        if (random.At(0, 0) > 0.8f) return null;
        float x = (gx + 0.25f + 0.5f * random.At(0, 1)) * GlandGrid, y = (gy + 0.25f + 0.5f * random.At(0, 2)) * GlandGrid;
        if (shape.Depth(x, y) < GlandDepth) return null;
        var angle = random.At(0, 3) * MathF.PI;
        return new Gland(x, y, 66 + 52 * random.At(0, 4), 0.3f + 0.2f * random.At(0, 5), 1 + 0.35f * random.At(0, 6), MathF.Cos(angle), MathF.Sin(angle), (gx, gy));
    }

    /// <summary>Nuclei lie side by side along the lining's base, most of them perpendicular to it.</summary>
    void AddLining(Gland gland, List<SyntheticNucleus> found)
    {
        var random = nuclei.Other((int)glands.Bits(gland.Key.X, gland.Key.Y));
        var count = (int)(2 * MathF.PI * gland.Radius * gland.Stretch * 0.82f / 14);
        for (var i = 0; i < count; i++)
        {
            var turn = (i + 0.5f * random.At(i, 0)) / count * 2 * MathF.PI;
            // Pseudostratified: some nuclei lie a little further in.
            var wanted = 0.8f - (random.At(i, 1) < 0.3f ? 0.16f : 0.06f * random.At(i, 2));
            float cos = MathF.Cos(turn), sin = MathF.Sin(turn);
            float x = 0, y = 0, radius = wanted;
            for (var step = 0; step < 3; step++)
            {
                // The border's deformation depends on the position; three iterations find the position accurately enough.
                float u = radius * gland.Radius * gland.Stretch * cos, v = radius * gland.Radius * sin;
                (x, y) = (gland.X + u * gland.Cos - v * gland.Sin, gland.Y + u * gland.Sin + v * gland.Cos);
                radius = wanted - Bend(x, y);
            }
            if (radius < gland.Lumen + 0.12f || shape.Depth(x, y) < 0.02f) continue;
            var angle = MathF.Atan2(y - gland.Y, x - gland.X) + (random.At(i, 3) - 0.5f) * 0.5f;
            found.Add(new SyntheticNucleus(x, y, 8 + 3.5f * random.At(i, 4), 5 + 1.6f * random.At(i, 5), angle, NucleusKind.Epithelial));
        }
    }

    void AddStroma(int gx, int gy, List<Gland> around, List<SyntheticNucleus> found)
    {
        var random = nuclei.Other((int)nuclei.Bits(gx, gy));
        float x = (gx + 0.15f + 0.7f * random.At(0, 0)) * NucleusGrid, y = (gy + 0.15f + 0.7f * random.At(0, 1)) * NucleusGrid;
        if (shape.Depth(x, y) < 0.015f) return;
        foreach (var gland in around)
            if (gland.Distance(x, y) + Bend(x, y) < 1.2f) return;

        var crowded = crowd.Fractal(x / 500, y / 500, 2);
        if (crowded > 0.2f && random.At(0, 2) < 0.85f)
        {
            var radius = 5 + 1.3f * random.At(0, 3);
            found.Add(new SyntheticNucleus(x, y, radius * 1.08f, radius, random.At(0, 4) * MathF.PI, NucleusKind.Lymphocyte));
        }
        else if (random.At(0, 2) < 0.36f)
        {
            found.Add(new SyntheticNucleus(x, y, 9 + 5 * random.At(0, 3), 2.6f + 1.6f * random.At(0, 5), Direction(x, y) + (random.At(0, 4) - 0.5f) * 0.7f, NucleusKind.Stromal));
        }
    }
}
