namespace Slidebridge.Slides.Sources;

/// <summary>Sets of bytes as lists of ranges. A merged list is sorted, and its ranges neither overlap nor touch.</summary>
static class ByteRanges
{
    /// <summary>All bytes of the ranges, as a merged list. Empty ranges are left out.</summary>
    public static List<ByteRange> Merge(IEnumerable<ByteRange> ranges)
    {
        var merged = new List<ByteRange>();
        foreach (var range in ranges.Where(range => range.Length > 0).OrderBy(range => range.Offset))
        {
            if (merged.Count > 0 && merged[^1] is var last && range.Offset <= last.End)
                merged[^1] = new ByteRange(last.Offset, Math.Max(last.End, range.End) - last.Offset);
            else merged.Add(range);
        }
        return merged;
    }

    /// <summary>The bytes of a range that are in a merged list, in order.</summary>
    public static IEnumerable<ByteRange> Within(IReadOnlyList<ByteRange> merged, ByteRange range)
    {
        for (var i = FirstAfter(merged, range.Offset); i < merged.Count && merged[i].Offset < range.End; i++)
        {
            var from = Math.Max(merged[i].Offset, range.Offset);
            yield return new ByteRange(from, Math.Min(merged[i].End, range.End) - from);
        }
    }

    /// <summary>The bytes of a range that are not in a merged list, in order.</summary>
    public static IEnumerable<ByteRange> Outside(IReadOnlyList<ByteRange> merged, ByteRange range)
    {
        var from = range.Offset;
        foreach (var inside in Within(merged, range))
        {
            if (inside.Offset > from) yield return new ByteRange(from, inside.Offset - from);
            from = inside.End;
        }
        if (from < range.End) yield return new ByteRange(from, range.End - from);
    }

    /// <summary>True if a merged list contains a byte of the range.</summary>
    public static bool Touches(IReadOnlyList<ByteRange> merged, ByteRange range) =>
        range.Length > 0 && FirstAfter(merged, range.Offset) is var i && i < merged.Count && merged[i].Offset < range.End;

    /// <summary>The index of the first range that ends after the offset.</summary>
    public static int FirstAfter(IReadOnlyList<ByteRange> merged, long offset)
    {
        int low = 0, high = merged.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (merged[middle].End <= offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
