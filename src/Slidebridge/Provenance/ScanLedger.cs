using System.Text.Json;
using Slidebridge.Slides;

namespace Slidebridge.Provenance;

/// <summary>Which bytes of a scan's objects were read for a task, and where the pictures lie that may show a patient's name.</summary>
/// <param name="Scan">The scan's id.</param>
/// <param name="Objects">The objects that the slide was opened from.</param>
/// <param name="Parts">The label and other associated images, as far as their place is known.</param>
/// <param name="GivenWhole">The classifier received the whole slide as a file, or its URL: everything may have been read.</param>
sealed record ScanLedger(string Scan, IReadOnlyList<ObjectLedger> Objects, IReadOnlyList<PartLedger> Parts, bool GivenWhole = false)
{
    /// <summary>Maximum ranges of one object. Beyond it, the nearest ones are joined: then the ledger lists more bytes as read than were read, never fewer.</summary>
    const int MostRanges = 4096;

    /// <param name="scan">The scan's id.</param>
    /// <param name="slide">Its slide.</param>
    /// <param name="isStaged">The objects are copies in the staging directory.</param>
    /// <param name="isGivenWhole">The classifier received the whole slide.</param>
    public static ScanLedger Of(string scan, Slide slide, bool isStaged, bool isGivenWhole)
    {
        var parts = slide.Parts.Select(part => (part.Name, part.Object, Bytes: Pairs(part.Bytes))).ToList();
        // However little was read of a copy: the copy has everything.
        var objects = slide.Objects.Select(each => new ObjectLedger(each.Number, each.Length, each.Version, isStaged || isGivenWhole ? [[0, each.Length]] : Pairs(each.Fetched), isStaged)).ToList();
        return new ScanLedger(
            scan,
            [.. objects.Select(each => each with { Read = Bounded(each.Read, [.. parts.Where(part => part.Object == each.Object).SelectMany(part => part.Bytes)]) })],
            [.. parts.Select(part => new PartLedger(part.Name, part.Object, part.Bytes, objects.Find(each => each.Object == part.Object) is { } of ? PartLedger.Common(part.Bytes, of.Read) : 0))],
            isGivenWhole);
    }

    static List<long[]> Pairs(IReadOnlyList<ByteRange> merged) => [.. merged.Select(range => new[] { range.Offset, range.End })];

    /// <summary>Joins the nearest ranges until there are few enough, but never over a part.</summary>
    static IReadOnlyList<long[]> Bounded(IReadOnlyList<long[]> ranges, IReadOnlyList<long[]> parts)
    {
        if (ranges.Count <= MostRanges) return ranges;
        var gaps = Enumerable.Range(1, ranges.Count - 1).Where(i => !parts.Any(part => part[0] < ranges[i][0] && part[1] > ranges[i - 1][1])).OrderBy(i => ranges[i][0] - ranges[i - 1][1]).Take(ranges.Count - MostRanges).ToHashSet();
        var joined = new List<long[]>();
        for (var i = 0; i < ranges.Count; i++)
        {
            if (gaps.Contains(i)) joined[^1] = [joined[^1][0], ranges[i][1]];
            else joined.Add(ranges[i]);
        }
        return joined;
    }

    public static byte[] ToJson(IReadOnlyList<ScanLedger> scans) => JsonSerializer.SerializeToUtf8Bytes(scans, ProvenanceJson.Default.IReadOnlyListScanLedger);

    public static IReadOnlyList<ScanLedger> Parse(byte[] json) => JsonSerializer.Deserialize(json, ProvenanceJson.Default.IReadOnlyListScanLedger)!;
}

/// <param name="Object">Number of the object, from 1.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Version">Its ETag; absent if the server states none.</param>
/// <param name="Read">The ranges that were fetched, in order: pairs of the first byte and the byte after the last. The whole object, if it was copied.</param>
/// <param name="Staged">The whole object was copied to this machine, because its URL was about to expire.</param>
sealed record ObjectLedger(int Object, long Bytes, string? Version, IReadOnlyList<long[]> Read, bool Staged = false)
{
    public long BytesRead => Read.Sum(range => range[1] - range[0]);
}

/// <param name="Name">Such as <c>label</c> or <c>macro</c>.</param>
/// <param name="Object">Number of its object.</param>
/// <param name="Bytes">Where it lies: pairs of the first byte and the byte after the last.</param>
/// <param name="BytesRead">How many of these bytes were fetched; 0 proves that it was never read.</param>
sealed record PartLedger(string Name, int Object, IReadOnlyList<long[]> Bytes, long BytesRead)
{
    /// <summary>How many bytes two lists of ranges have in common. Both are sorted and without overlaps.</summary>
    public static long Common(IReadOnlyList<long[]> one, IReadOnlyList<long[]> other)
    {
        var (sum, i, j) = (0L, 0, 0);
        while (i < one.Count && j < other.Count)
        {
            sum += Math.Max(0, Math.Min(one[i][1], other[j][1]) - Math.Max(one[i][0], other[j][0]));
            if (one[i][1] < other[j][1]) i++;
            else j++;
        }
        return sum;
    }
}
