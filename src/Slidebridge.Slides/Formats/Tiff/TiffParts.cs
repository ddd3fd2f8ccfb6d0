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
            if (await BytesOfAsync(slide, page, MostOfNamed, cancellationToken) is { } bytes) parts.Add(new ContentPart(name, reader.Source, ByteRanges.Merge(bytes)));
            else isClear &= !SlideWithheldException.Concerns(name);
        }
        if (!reader.IsExact) return parts;

        var withheld = parts.Where(part => SlideWithheldException.Concerns(part.Name)).SelectMany(part => part.Bytes).ToList();
        var known = slide.Scanned.SelectMany(WithChildren).Concat(named.Select(each => each.Page)).Select(page => page.Directory.Offset).ToHashSet();
        foreach (var page in slide.Pages.SelectMany(WithChildren).Where(page => !known.Contains(page.Directory.Offset)).Take(MostUnnamed))
            withheld.AddRange(await BytesOfAsync(slide, page, MostOfUnnamed, cancellationToken) ?? []);
        // Fields that lie in a label's strip are needed.
        var needed = ByteRanges.Merge(slide.Scanned.SelectMany(WithChildren).SelectMany(page => page.Directory.Places));
        withheld = [.. ByteRanges.Merge(withheld).SelectMany(range => ByteRanges.Outside(needed, range))];
        reader.Source.Withhold(isClear ? new ByteRange(0, reader.Source.Length) : default, withheld);
        return parts;
    }

    static IEnumerable<TiffPage> WithChildren(TiffPage page) => [page, .. page.Children.SelectMany(WithChildren)];

    /// <summary>The bytes of a picture's strips or tiles; null if there are more than <paramref name="most"/>, or if their index is damaged.</summary>
    static async Task<List<ByteRange>?> BytesOfAsync(TiffSlide slide, TiffPage page, long most, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = new List<ByteRange>();
            if (await OldJpegAsync(page, TiffTag.JpegInterchangeFormat, cancellationToken) is > 0 and var jpeg)
            {
                if (await OldJpegAsync(page, TiffTag.JpegInterchangeFormatLength, cancellationToken) is not (> 0 and var length)) return null;
                Add(bytes, page, jpeg, length);
            }
            if (page.Offsets is not { } offsets) return bytes;
            return offsets.Count <= most && IsWhole(offsets) && (page.ByteCounts is null || IsWhole(page.ByteCounts)) && await AddTilesAsync(slide, bytes, page, offsets, cancellationToken) ? bytes : null;
        }
        catch (SlideFormatException)
        {
            return null;
        }

        static bool IsWhole(TiffArray values) => values.IsInline || values.Place.Length > 0;
    }

    /// <summary>False if a length is impossible.</summary>
    static async Task<bool> AddTilesAsync(TiffSlide slide, List<ByteRange> bytes, TiffPage page, TiffArray offsets, CancellationToken cancellationToken)
    {
        await page.Directory.Reader.Source.PrefetchAsync([.. new[] { offsets.Place, page.ByteCounts?.Place ?? default }.Where(place => place.Length > 0)], cancellationToken);
        var tiles = new (long Offset, long Length)[offsets.Count];
        for (var i = 0; i < tiles.Length; i++)
            tiles[i] = (await offsets.GetAsync(i, cancellationToken), page.ByteCounts is { } counts && i < counts.Count ? await counts.GetAsync(i, cancellationToken) : 0);
        var pixels = (long)page.TileWidth * page.TileHeight * Math.Clamp(page.Samples, 1, 4);
        // The same limit as for reading: TiffTileIndex.
        if (tiles.Any(tile => tile.Length > pixels * 2 + Overhead)) return false;
        foreach (var (offset, length) in tiles) Add(bytes, page, offset, length);
        if (tiles.All(tile => tile.Length > 0)) return true;

        // A tile without a length is not stored, or ends by itself, before the next thing in the file.
        var starts = await StartsAsync(slide, tiles.Select(tile => tile.Offset), cancellationToken);
        var shared = tiles.GroupBy(tile => tile.Offset).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        foreach (var (offset, length) in tiles)
        {
            if (length > 0 || (page.IsTiled && page.ByteCounts is not null && (page.EmptyIsMissing || shared.Contains(offset)))) continue;
            var next = Array.BinarySearch(starts, offset) + 1;
            Add(bytes, page, offset, Math.Min(page.Compression == "none" ? pixels : pixels * 2 + Overhead, next < starts.Length ? starts[next] - offset : long.MaxValue));
        }
        return true;
    }

    /// <summary>Where something begins, as far as it is known, in ascending order: tiles of the picture, directories and their values, the first tile of each picture.</summary>
    static async Task<long[]> StartsAsync(TiffSlide slide, IEnumerable<long> tiles, CancellationToken cancellationToken)
    {
        var starts = new HashSet<long>(tiles);
        foreach (var page in slide.Pages.SelectMany(WithChildren))
        {
            starts.UnionWith(page.Directory.Places.Select(place => place.Offset));
            if (page.Offsets is { Count: > 0 } offsets) starts.Add(await offsets.GetAsync(0, cancellationToken));
        }
        return [.. starts.Order()];
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
