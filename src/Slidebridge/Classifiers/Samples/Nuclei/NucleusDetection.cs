namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>A nucleus on a map of the nuclear stain.</summary>
/// <param name="Shape">Its outline, in pixels of the map.</param>
/// <param name="Clarity">How clear its rim is, at most 1.</param>
/// <param name="Density">The mean optical density of the nuclear stain inside.</param>
/// <param name="Marker">The mean optical density of the other stain inside.</param>
readonly record struct Nucleus(Ellipse Shape, float Clarity, float Density, float Marker);

/// <summary>
/// Finds nuclei on a map of the nuclear stain, 0.5 µm per pixel:
/// 1. seeds are the local maxima of the blob response, and the middle of each two that are near, because a long nucleus has one at each end;
/// 2. from each seed, an ellipse is fitted to the rim around it;
/// 3. ellipses that are too pale or have no clear rim are dropped;
/// 4. the clearest ellipse is taken first, then each that is new: most of it lies in none that was taken before.
/// </summary>
sealed class NucleusDetection
{
    /// <summary>The map's resolution in µm per pixel; the lengths below are in its pixels.</summary>
    public const double Mpp = 0.5;

    /// <summary>How far around a nucleus the map affects whether and where it is found: the width of a few neighbours.</summary>
    public const int Reach = 96;

    /// <summary>Minimum values of a nucleus: the blob's response, the mean density inside, the area (10 µm²).</summary>
    const float FaintestBlob = 0.16f, PalestDensity = 0.35f, SmallestArea = 40;

    /// <summary>The minimum clarity of a nucleus' rim.</summary>
    public const float FaintestEdge = 0.4f;

    /// <summary>Two maxima closer than this may be the ends of one nucleus.</summary>
    const float LongestNucleus = 28;

    readonly BlobResponse blobs = new(sigma: 2.6f);
    readonly GaussianBlur grain = new(sigma: 0.9f);
    (int Width, EllipseFit Fit)? last;
    (float[] Nuclear, float[] Marker) maps = ([], []);

    /// <summary>Memory for the two maps of a tile, reused for the next one.</summary>
    /// <param name="pixels">The number of pixels.</param>
    public (float[] Nuclear, float[] Marker) Maps(int pixels)
    {
        if (maps.Nuclear.Length != pixels) maps = (new float[pixels], new float[pixels]);
        return maps;
    }

    /// <summary>The nuclei of a map, the clearest first.</summary>
    /// <param name="nuclear">The nuclear stain's optical density, row by row.</param>
    /// <param name="marker">The optical density of the stain that is measured inside the nuclei.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    public IReadOnlyList<Nucleus> Find(ReadOnlySpan<float> nuclear, ReadOnlySpan<float> marker, int width, int height)
    {
        blobs.Measure(nuclear, width, height);
        var map = new StainMap(grain.Blur(nuclear, width, height), width, height);
        var fit = last is { } before && before.Width == width ? before.Fit : new EllipseFit(width);
        last = (width, fit);
        var other = new StainMap(marker, width, height);
        var found = new List<(Ellipse Ellipse, float Edge)>();
        foreach (var (x, y) in Seeds(blobs.Values, width, height))
        {
            int column = (int)x, row = (int)y;
            var here = map.From(column, row);
            if (here[x - column, y - row] < PalestDensity) continue; // The middle of two may lie between nuclei.
            var (ellipse, edge) = fit.From(here, x - column, y - row);
            if (edge >= FaintestEdge && ellipse.Area >= SmallestArea && ellipse.Mean(here) >= PalestDensity)
                found.Add((ellipse with { X = column + ellipse.X, Y = row + ellipse.Y }, edge));
        }
        found.Sort((a, b) => a.Edge != b.Edge ? b.Edge.CompareTo(a.Edge) : (a.Ellipse.Y, a.Ellipse.X).CompareTo((b.Ellipse.Y, b.Ellipse.X)));
        var nuclei = new List<Nucleus>();
        var taken = new TakenEllipses();
        foreach (var (ellipse, edge) in found)
            if (taken.TryTake(ellipse)) nuclei.Add(new Nucleus(ellipse, edge, ellipse.Mean(map), ellipse.Mean(other)));
        return nuclei;
    }

    static List<(float X, float Y)> Seeds(ReadOnlySpan<float> r, int width, int height)
    {
        var w = width;
        var peaks = new List<(float X, float Y)>();
        for (var y = 1; y < height - 1; y++)
            for (var x = 1; x < width - 1; x++)
            {
                var i = y * width + x;
                var value = r[i];
                if (value < FaintestBlob) continue;
                // Of two equal ones, the first.
                if (r[i - w - 1] < value && r[i - w] < value && r[i - w + 1] < value && r[i - 1] < value
                    && r[i + 1] <= value && r[i + w - 1] <= value && r[i + w] <= value && r[i + w + 1] <= value)
                    peaks.Add((x, y));
            }
        var seeds = new List<(float X, float Y)>(peaks);
        for (var i = 0; i < peaks.Count; i++)
            for (var j = i + 1; j < peaks.Count && peaks[j].Y - peaks[i].Y <= LongestNucleus; j++)
            {
                float dx = peaks[j].X - peaks[i].X, dy = peaks[j].Y - peaks[i].Y;
                if (dx * dx + dy * dy <= LongestNucleus * LongestNucleus) seeds.Add((peaks[i].X + dx / 2, peaks[i].Y + dy / 2));
            }
        return seeds;
    }
}
