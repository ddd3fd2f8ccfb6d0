using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Finds where the associated images lie in a TIFF, and withholds those that may show a patient's name:
/// 1. the indexes of their strips or tiles are read, with <see cref="SlideOptions.WithholdLabels"/>; otherwise only those that need no request;
/// 2. the label, the macro, and pages that are neither a part of the slide nor named, which may be a label too, are withheld;
/// 3. all other bytes of the file are free from then on; if the place of a picture is not clear, only bytes that are read are fetched.
/// </summary>
static class TiffParts
{
    // An unnamed page with more tiles is a scan, not a label.
    const long MostOfUnnamed = 4096;

    // A scanner adds a few pictures to a slide. The index of each further one would need a request.
    const int MostUnnamed = 64;

    // The largest index of a named picture: 4 Mi strips.
    const long MostOfNamed = 4 * 1024 * 1024;

    // Beyond its pixels, a compressed tile has its tables.
    const int Overhead = 65536;

    /// <summary>The parts of a slide that a vendor has arranged.</summary>
    public static async Task<IReadOnlyList<ContentPart>> FindAsync(TiffSlide slide, TiffReader reader, CancellationToken cancellationToken)
    {
        var named = slide.Named.SelectMany(each => WithChildren(each.Page).Select(page => (each.Name, Page: page))).DistinctBy(each => each.Page.Directory.Offset).ToList();
        if (!reader.IsExact) named.RemoveAll(each => each.Page.Offsets is not { IsInline: true } || each.Page.ByteCounts is not { IsInline: true });
        var parts = new List<ContentPart>();
        var isClear = true;
        foreach (var (name, page) in named)
        {
            if (await BytesOfAsync(page, MostOfNamed, cancellationToken) is { } bytes) parts.Add(new ContentPart(name, reader.Source, ByteRanges.Merge(bytes)));
            else isClear &= !SlideWithheldException.Concerns(name);
        }
        if (!reader.IsExact) return parts;

        var withheld = parts.Where(part => SlideWithheldException.Concerns(part.Name)).SelectMany(part => part.Bytes).ToList();
        var known = slide.Scanned.SelectMany(WithChildren).Concat(named.Select(each => each.Page)).Select(page => page.Directory.Offset).ToHashSet();
        foreach (var page in slide.Pages.SelectMany(WithChildren).Where(page => !known.Contains(page.Directory.Offset)).Take(MostUnnamed))
            withheld.AddRange(await BytesOfAsync(page, MostOfUnnamed, cancellationToken) ?? []);
        reader.Source.Withhold(isClear ? new ByteRange(0, reader.Source.Length) : default, withheld);
        return parts;
    }

    static IEnumerable<TiffPage> WithChildren(TiffPage page) => [page, .. page.Children.SelectMany(WithChildren)];

    /// <summary>The bytes of a picture's strips or tiles; null if there are more than <paramref name="most"/>, or if their index is damaged.</summary>
    static async Task<List<ByteRange>?> BytesOfAsync(TiffPage page, long most, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = new List<ByteRange>();
            if (await OldJpegAsync(page, TiffTag.JpegInterchangeFormat, cancellationToken) is > 0 and var jpeg)
                Add(bytes, page, jpeg, await OldJpegAsync(page, TiffTag.JpegInterchangeFormatLength, cancellationToken));
            if (page.Offsets is not { } offsets) return bytes;
            if (offsets.Count > most) return null;
            await AddTilesAsync(bytes, page, offsets, cancellationToken);
            return bytes;
        }
        catch (SlideFormatException)
        {
            return null;
        }
    }

    static async Task AddTilesAsync(List<ByteRange> bytes, TiffPage page, TiffArray offsets, CancellationToken cancellationToken)
    {
        await page.Directory.Reader.Source.PrefetchAsync([.. new[] { offsets.Place, page.ByteCounts?.Place ?? default }.Where(place => place.Length > 0)], cancellationToken);
        var tiles = new (long Offset, long Length)[offsets.Count];
        for (var i = 0; i < tiles.Length; i++)
            tiles[i] = (await offsets.GetAsync(i, cancellationToken), page.ByteCounts is { } counts && i < counts.Count ? await counts.GetAsync(i, cancellationToken) : 0);
        foreach (var (offset, length) in tiles) Add(bytes, page, offset, length);
        if (tiles.All(tile => tile.Length > 0)) return;

        // A tile without a length is not stored, or ends at the next one, or by itself: see TiffTileIndex.
        var starts = tiles.Select(tile => tile.Offset).Distinct().Order().ToArray();
        var shared = tiles.GroupBy(tile => tile.Offset).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        var pixels = (long)page.TileWidth * page.TileHeight * Math.Clamp(page.Samples, 1, 4);
        var longest = page.Compression == "none" ? pixels : pixels * 2 + Overhead;
        foreach (var (offset, length) in tiles)
        {
            if (length > 0 || (page.IsTiled && page.ByteCounts is not null && (page.EmptyIsMissing || shared.Contains(offset)))) continue;
            var next = Array.BinarySearch(starts, offset) + 1;
            Add(bytes, page, offset, next < starts.Length ? Math.Min(longest, starts[next] - offset) : longest);
        }
    }

    static void Add(List<ByteRange> bytes, TiffPage page, long offset, long length)
    {
        var end = page.Directory.Reader.Source.Length;
        if (offset > 0 && offset < end && length > 0) bytes.Add(new ByteRange(offset, Math.Min(length, end - offset)));
    }

    /// <summary>TIFF 6.0 §22: the position of a whole JPEG, in pictures of the old JPEG compression.</summary>
    static async ValueTask<long> OldJpegAsync(TiffPage page, int tag, CancellationToken cancellationToken) =>
        page.Directory.Entry(tag) is { IsInteger: true } ? await page.Directory.IntegerAsync(tag, cancellationToken) ?? 0 : 0;
}
