using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides.Writing;

namespace Slidebridge.Tests.Classifiers.Samples;

/// <summary>
/// Found nuclei matched with the true ones, one to one, the nearest pairs first, none further apart than 2 µm. Every true nucleus counts, also
/// those that overlap each other.
/// </summary>
sealed record MatchedNuclei(int Truth, int Found, IReadOnlyList<(SyntheticNucleus Truth, ScoredPoint Found, double Microns)> Pairs)
{
    public const double Farthest = 2;

    public double Recall => Pairs.Count / (double)Truth;

    public double Precision => Pairs.Count / (double)Found;

    public override string ToString() => FormattableString.Invariant($"recall {Recall:0.0000}, precision {Precision:0.0000}, mean distance {Pairs.Average(p => p.Microns):0.000} µm of {Truth} nuclei");

    /// <param name="truth">All nuclei of the tissue.</param>
    /// <param name="found">All that was found.</param>
    /// <param name="scale">Pixels of the found nuclei per pixel of the truth's.</param>
    public static MatchedNuclei Of(IReadOnlyList<SyntheticNucleus> truth, IReadOnlyList<ScoredPoint> found, double scale = 1)
    {
        const double Mpp = 0.5;
        var byColumn = found.Select((point, index) => (X: point.X / scale, Y: point.Y / scale, Index: index)).ToLookup(p => (int)(p.X / 8));
        var near = new List<(double Microns, int Truth, int Found)>();
        for (var i = 0; i < truth.Count; i++)
            for (var column = (int)(truth[i].X / 8) - 1; column <= (int)(truth[i].X / 8) + 1; column++)
                foreach (var (x, y, index) in byColumn[column])
                    if (Math.Sqrt((x - truth[i].X) * (x - truth[i].X) + (y - truth[i].Y) * (y - truth[i].Y)) * Mpp is var microns && microns <= Farthest) near.Add((microns, i, index));
        near.Sort();
        HashSet<int> truths = [], founds = [];
        var pairs = new List<(SyntheticNucleus, ScoredPoint, double)>();
        foreach (var (microns, t, f) in near)
            if (!truths.Contains(t) && founds.Add(f) && truths.Add(t)) pairs.Add((truth[t], found[f], microns));
        return new MatchedNuclei(truth.Count, found.Count, pairs);
    }
}
