namespace Slidebridge.Comparison;

/// <summary>
/// Finds the objects whose boxes overlap a box: a packed tree, sorted in strips (Leutenegger, "STR: a simple and efficient algorithm for R-tree packing", 1997).
/// A grid would need cells that fit both nuclei and whole sections.
/// </summary>
sealed class BoxTree
{
    /// <summary>Children of a node.</summary>
    const int Width = 16;

    readonly record struct Box(double MinX, double MinY, double MaxX, double MaxY)
    {
        public bool Overlaps(in Box other) => MinX <= other.MaxX && MaxX >= other.MinX && MinY <= other.MaxY && MaxY >= other.MinY;

        public Box With(in Box other) => new(Math.Min(MinX, other.MinX), Math.Min(MinY, other.MinY), Math.Max(MaxX, other.MaxX), Math.Max(MaxY, other.MaxY));
    }

    readonly int[] numbers;
    readonly List<Box[]> levels = [];

    public BoxTree(ReadOnlySpan<ComparedObject> objects)
    {
        var all = objects.ToArray();
        numbers = [.. Enumerable.Range(0, all.Length)];
        Array.Sort(Array.ConvertAll(all, each => each.CenterX), numbers);
        var strip = Width * Math.Max(1, (int)Math.Sqrt((double)all.Length / Width));
        for (var first = 0; first < numbers.Length; first += strip)
        {
            var some = numbers.AsSpan(first, Math.Min(strip, numbers.Length - first));
            some.Sort((a, b) => all[a].CenterY.CompareTo(all[b].CenterY));
        }
        levels.Add([.. numbers.Select(number => BoxOf(all[number], 0))]);
        while (levels[^1].Length > Width) levels.Add([.. levels[^1].Chunk(Width).Select(chunk => chunk.Aggregate((a, b) => a.With(b)))]);
    }

    static Box BoxOf(in ComparedObject each, double more) => new(each.MinX - more, each.MinY - more, each.MaxX + more, each.MaxY + more);

    /// <summary>The numbers of the objects whose boxes overlap that of an object.</summary>
    /// <param name="wanted">The object.</param>
    /// <param name="within">How much its box is enlarged, 1/16 level-0 pixel.</param>
    /// <param name="found">Receives the numbers.</param>
    public void Find(in ComparedObject wanted, double within, List<int> found)
    {
        found.Clear();
        if (numbers.Length > 0) Find(BoxOf(wanted, within), levels.Count - 1, 0, levels[^1].Length, found);
    }

    void Find(in Box wanted, int level, int first, int end, List<int> found)
    {
        for (var i = first; i < end; i++)
        {
            if (!levels[level][i].Overlaps(wanted)) continue;
            if (level == 0) found.Add(numbers[i]);
            else Find(wanted, level - 1, Width * i, Math.Min(levels[level - 1].Length, Width * (i + 1)), found);
        }
    }
}
