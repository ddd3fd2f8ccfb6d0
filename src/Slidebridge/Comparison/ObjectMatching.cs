using Slidebridge.Objects;

namespace Slidebridge.Comparison;

/// <summary>
/// Finds the objects of a class that both results have, one to one:
/// <code>
/// 1 polygons with polygons, the highest IoU first
/// 2 what is left, if one of the two has no area: by the distance of the centres, the nearest first
/// </code>
/// Ties are broken by position, so that the number is the same if the two results are exchanged.
/// </summary>
static class ObjectMatching
{
    /// <summary>Maximum pairs of objects with overlapping boxes, and maximum pairs that could match: enough for a million nuclei, but not for a million objects on one spot.</summary>
    const long MostLookedAt = 50_000_000, MostPairs = 10_000_000;

    /// <summary>Maximum spans that are compared.</summary>
    const long MostSpans = 5_000_000_000;

    /// <summary>Two objects that may be the same; a lower cost is better.</summary>
    readonly record struct Pair(int A, int B, double Cost, double SumX, double SumY) : IComparable<Pair>
    {
        public int CompareTo(Pair other) => (Cost, SumX, SumY).CompareTo((other.Cost, other.SumX, other.SumY));
    }

    /// <summary>Which objects of each result the other one has too.</summary>
    /// <exception cref="ComparisonException">Too many objects overlap.</exception>
    public static (bool[] A, bool[] B) Find(ClassShapes a, RowSpans spansOfA, ClassShapes b, RowSpans spansOfB, MatchingOptions options, CancellationToken cancellationToken)
    {
        var (takenA, takenB) = (new bool[a.Count], new bool[b.Count]);
        var tree = new BoxTree(b.Objects);
        var limits = new Limits();
        var polygons = Pairs(a, b, tree, 0, takenA, takenB, limits, (i, k) => CostOfAreas(spansOfA, i, spansOfB, k, options.Iou, limits), cancellationToken);
        Take(polygons, takenA, takenB);
        var within = options.Within * ShapeBuffer.Parts;
        var points = Pairs(a, b, tree, within, takenA, takenB, limits, (i, k) => spansOfA.LengthOf(i) > 0 && spansOfB.LengthOf(k) > 0 ? null : CostOfCentres(a.Objects[i], b.Objects[k], within), cancellationToken);
        Take(points, takenA, takenB);
        return (takenA, takenB);
    }

    static double? CostOfAreas(RowSpans spansOfA, int a, RowSpans spansOfB, int b, double least, Limits limits)
    {
        var (lengthOfA, lengthOfB) = (spansOfA.LengthOf(a), spansOfB.LengthOf(b));
        // An intersection is not larger than the smaller one.
        if (lengthOfA == 0 || lengthOfB == 0 || Math.Min(lengthOfA, lengthOfB) < least * Math.Max(lengthOfA, lengthOfB)) return null;
        ReadOnlySpan<RowSpan> one = spansOfA.Of(a), other = spansOfB.Of(b);
        limits.Compare(one.Length + other.Length);
        var shared = RowSpans.Shared(one, other);
        var iou = (double)shared / (lengthOfA + lengthOfB - shared);
        return iou >= least ? 1 - iou : null;
    }

    static double? CostOfCentres(in ComparedObject a, in ComparedObject b, double within)
    {
        var (x, y) = (a.CenterX - b.CenterX, a.CenterY - b.CenterY);
        var distance = Math.Sqrt(x * x + y * y);
        return distance <= within ? distance : null;
    }

    static List<Pair> Pairs(ClassShapes a, ClassShapes b, BoxTree tree, double within, bool[] takenA, bool[] takenB, Limits limits, Func<int, int, double?> costOf, CancellationToken cancellationToken)
    {
        List<Pair> pairs = [];
        List<int> near = [];
        for (var i = 0; i < a.Count; i++)
        {
            if (takenA[i]) continue;
            cancellationToken.ThrowIfCancellationRequested();
            var one = a.Objects[i];
            tree.Find(one, within, near);
            limits.LookAt(near.Count);
            foreach (var k in near)
            {
                if (takenB[k] || costOf(i, k) is not { } cost) continue;
                var other = b.Objects[k];
                pairs.Add(new Pair(i, k, cost, one.CenterX + other.CenterX, one.CenterY + other.CenterY));
            }
            if (pairs.Count > MostPairs) throw TooCrowded();
        }
        pairs.Sort();
        return pairs;
    }

    static void Take(List<Pair> pairs, bool[] takenA, bool[] takenB)
    {
        foreach (var pair in pairs)
        {
            if (takenA[pair.A] || takenB[pair.B]) continue;
            takenA[pair.A] = takenB[pair.B] = true;
        }
    }

    static ComparisonException TooCrowded() => new("Too many objects of one class lie on top of each other: they cannot be matched in a reasonable time.");

    /// <summary>What was done so far.</summary>
    sealed class Limits
    {
        long lookedAt, compared;

        public void LookAt(int pairs)
        {
            if ((lookedAt += pairs) > MostLookedAt) throw TooCrowded();
        }

        public void Compare(int spans)
        {
            if ((compared += spans) > MostSpans) throw TooCrowded();
        }
    }
}
