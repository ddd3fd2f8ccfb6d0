namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>A box that may be of one thing with another.</summary>
/// <param name="Object">The box.</param>
/// <param name="Tile">Where it was found.</param>
/// <param name="IsAtSeam">The neighbouring tile may have found it, too.</param>
readonly record struct Candidate(FoundObject Object, int Tile, bool IsAtSeam);

/// <summary>
/// Of boxes of one label that overlap the one with the highest score stays (non-maximum suppression). The plane is cut into squares, so that only boxes
/// that can meet are compared.
/// </summary>
static class Overlaps
{
    // Two tiles' boxes of one thing differ by a pixel or so, and may be less alike than two boxes that a model lets stand.
    const float SameThing = 0.5f;

    /// <summary>The boxes that stay.</summary>
    /// <param name="boxes">All; their order is changed.</param>
    /// <param name="iou">From which intersection over union on.</param>
    public static List<Candidate> Resolve(List<Candidate> boxes, double iou)
    {
        boxes.Sort(Stronger);
        var kept = new List<Candidate>(boxes.Count);
        if (boxes.Count == 0) return kept;
        var square = Math.Max(1, 2 * boxes.Average(b => Math.Max(b.Object.Width, b.Object.Height)));
        var places = new Dictionary<(int Label, int X, int Y), List<int>>();
        foreach (var box in boxes)
        {
            var isWeaker = false;
            foreach (var place in Places(box.Object, square))
                if (places.TryGetValue(place, out var others) && others.Exists(o => AreOne(kept[o], box, iou)))
                {
                    isWeaker = true;
                    break;
                }
            if (isWeaker) continue;
            foreach (var place in Places(box.Object, square))
            {
                if (!places.TryGetValue(place, out var others)) places[place] = others = [];
                others.Add(kept.Count);
            }
            kept.Add(box);
        }
        return kept;
    }

    static bool AreOne(in Candidate a, in Candidate b, double iou)
    {
        var overlap = IntersectionOverUnion(a.Object, b.Object);
        return overlap > iou || (a.IsAtSeam && b.IsAtSeam && a.Tile != b.Tile && overlap > Math.Min(iou, SameThing));
    }

    static double IntersectionOverUnion(in FoundObject a, in FoundObject b)
    {
        var width = Math.Min(a.Left + a.Width, b.Left + b.Width) - Math.Max(a.Left, b.Left);
        var height = Math.Min(a.Top + a.Height, b.Top + b.Height) - Math.Max(a.Top, b.Top);
        if (width <= 0 || height <= 0) return 0;
        double shared = (double)width * height;
        return shared / ((double)a.Width * a.Height + (double)b.Width * b.Height - shared);
    }

    // Places decide between equals, so that the order in which tiles come does not.
    static int Stronger(Candidate a, Candidate b)
    {
        var order = b.Object.Score.CompareTo(a.Object.Score);
        if (order == 0) order = a.Object.Top.CompareTo(b.Object.Top);
        if (order == 0) order = a.Object.Left.CompareTo(b.Object.Left);
        return order != 0 ? order : a.Tile.CompareTo(b.Tile);
    }

    static IEnumerable<(int Label, int X, int Y)> Places(FoundObject box, double square)
    {
        for (var y = (int)Math.Floor(box.Top / square); y <= (int)Math.Floor((box.Top + box.Height) / square); y++)
            for (var x = (int)Math.Floor(box.Left / square); x <= (int)Math.Floor((box.Left + box.Width) / square); x++)
                yield return (box.Label, x, y);
    }
}
