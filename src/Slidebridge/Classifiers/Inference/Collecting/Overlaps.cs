namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>A box that may show the same object as another.</summary>
/// <param name="Object">The box.</param>
/// <param name="Tile">The tile that found it.</param>
/// <param name="IsAtSeam">The neighbouring tile may have found the same object.</param>
readonly record struct Candidate(FoundObject Object, int Tile, bool IsAtSeam);

/// <summary>
/// Non-maximum suppression: of overlapping boxes of one label, only the one with the highest score is kept. The plane is divided into squares, so that only boxes
/// that can overlap are compared.
/// </summary>
static class Overlaps
{
    // Two tiles' boxes of one object differ by about a pixel, and may overlap less than two boxes that a model keeps apart.
    const float SameThing = 0.5f;

    /// <summary>The boxes that are kept.</summary>
    /// <param name="boxes">All boxes; the method changes their order.</param>
    /// <param name="iou">The minimum intersection over union of two boxes of one object.</param>
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

    // Equal scores are ordered by place, so that the order in which tiles arrive has no effect.
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
