using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Fetches the values of a directory's fields that are needed to open a slide, and nothing that may belong to a picture:
/// 1. the values that are needed, and the first bytes of the next directory, are the requests;
/// 2. two requests are joined if only values of the same directory lie in between.
/// </summary>
static class ExactFields
{
    // Values between two requests cost less than a round trip up to here.
    const long MostBetween = 16 * 1024;

    // Longer values (a description, the strips of a large picture) are read when they are needed.
    const long LongestValue = 16 * 1024;

    // Needed of every picture, and of the first one.
    static readonly HashSet<int> Needed = [TiffTag.BitsPerSample, TiffTag.ImageDescription, TiffTag.SubIfds, TiffTag.StripOffsets, TiffTag.StripByteCounts];
    static readonly HashSet<int> NeededOfFirst = [TiffTag.Make, TiffTag.Model, TiffTag.Software, TiffTag.DateTime, TiffTag.XResolution, TiffTag.YResolution];

    /// <param name="directory">The directory, with its fields.</param>
    /// <param name="next">The bytes of the next directory that certainly belong to it.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async ValueTask PrefetchAsync(TiffDirectory directory, ByteRange next, CancellationToken cancellationToken)
    {
        var source = directory.Reader.Source;
        if (source.PrefetchBytes == 0) return;
        var isFirst = directory.Offset == directory.Reader.FirstDirectory;
        var wanted = directory.Entries.Where(entry => Needed.Contains(entry.Tag) || (isFirst && NeededOfFirst.Contains(entry.Tag)))
            .Select(entry => entry.Place).Where(value => value.Length is > 0 and <= LongestValue && IsInside(source, value)).ToList();
        if (IsInside(source, next)) wanted.Add(next);
        var own = WithPadding([.. directory.Places, .. wanted]);
        await source.PrefetchAsync([.. Join(wanted, own)], cancellationToken);
    }

    static bool IsInside(ByteSource source, ByteRange range) => range.Offset > 0 && range.Offset <= source.Length - range.Length;

    static IEnumerable<ByteRange> Join(List<ByteRange> wanted, List<ByteRange> own)
    {
        ByteRange? open = null;
        foreach (var range in ByteRanges.Merge(wanted))
        {
            if (open is { } before)
            {
                var between = new ByteRange(before.End, range.Offset - before.End);
                if (between.Length <= MostBetween && !ByteRanges.Outside(own, between).Any())
                {
                    open = before with { Length = range.End - before.Offset };
                    continue;
                }
                yield return before;
            }
            open = range;
        }
        if (open is { } last) yield return last;
    }

    /// <summary>The merged ranges, with the byte between two values where the second begins at the next even offset: TIFF 6.0 §2.</summary>
    static List<ByteRange> WithPadding(List<ByteRange> ranges)
    {
        var merged = ByteRanges.Merge(ranges);
        var padding = merged.Zip(merged.Skip(1)).Where(each => each.First.End % 2 != 0 && each.Second.Offset == each.First.End + 1).Select(each => new ByteRange(each.First.End, 1));
        return ByteRanges.Merge([.. merged, .. padding]);
    }
}
