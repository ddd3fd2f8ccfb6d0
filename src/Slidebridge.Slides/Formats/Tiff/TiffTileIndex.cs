namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// The positions of the tiles or strips of a page. There are three cases:
/// 1. the page gives offset and length: they are used;
/// 2. neither: the writer left the tile out (sparse TIFF, Aperio's empty tiles). A strip must be there;
/// 3. an offset without a length: the length is computed from the number of pixels or from the next tile.
/// </summary>
/// <param name="page">The page.</param>
/// <param name="name">The picture's name in messages.</param>
sealed class TiffTileIndex(TiffPage page, string name)
{
    // Maximum offsets that are sorted to find a neighbour: 8 MB. A slide of 100 000 × 100 000 has 170 000 tiles.
    const int MostSorted = 1024 * 1024;

    // A badly compressed tile is a little larger than its pixels; its tables come in addition.
    const int Overhead = 65536;

    long[]? sorted;

    TiffReader Reader => page.Directory.Reader;

    /// <summary>Null for a tile that is not stored.</summary>
    /// <param name="tile">Its position in the grid, for messages.</param>
    /// <param name="columns">Tiles in a row.</param>
    /// <param name="decodedBytes">Bytes of its pixels.</param>
    /// <param name="cancellationToken">Stops the reading of the index.</param>
    /// <exception cref="SlideFormatException">The tile lies outside the slide, is larger than a tile can be, or has no length and none can be computed.</exception>
    public async ValueTask<TileLocation?> FindAsync(TilePosition tile, int columns, long decodedBytes, CancellationToken cancellationToken)
    {
        if (page.Offsets is null) throw new SlideFormatException($"{name} has no index of its tiles or strips.", page.Directory.Offset, TiffTag.TileOffsets);
        var index = page.FirstTile + (long)tile.Row * columns + tile.Column;
        // Both at the same time: for a remote slide each may be a round trip.
        var isGiven = page.ByteCounts is { } counts && index < counts.Count;
        var lengths = isGiven ? page.ByteCounts!.GetAsync(index, cancellationToken) : new ValueTask<long>(0);
        var offset = await page.Offsets.GetAsync(index, cancellationToken);
        var length = await lengths;
        if (offset == 0 && length > 0) throw new SlideFormatException($"{name}, tile {tile.Column},{tile.Row}, has {length} bytes, but no offset. It is damaged: export it again.", page.Directory.Offset);
        if (length == 0)
        {
            if (page.IsTiled && (offset == 0 || (isGiven && page.EmptyIsMissing))) return null;
            if (offset == 0) throw new SlideFormatException($"{name}, strip {tile.Row}, is empty. The slide is damaged: export it again.", page.Directory.Offset, TiffTag.StripByteCounts);
            // For a left-out tile, some writers note the current position, and write the next tile there.
            if (page.IsTiled && isGiven && await IsSharedAsync(offset, cancellationToken)) return null;
            length = await ComputeAsync(tile, offset, decodedBytes, cancellationToken);
        }
        if (offset > Reader.Source.Length - length)
            throw new SlideFormatException($"{name}, tile {tile.Column},{tile.Row}, lies at bytes {offset} to {(Int128)offset + length}, but the slide has {Reader.Source.Length}. It is damaged or truncated: copy it again.", offset);
        // No codec here makes a tile more than about twice its decoded size; a tile that claims more is an attack on memory.
        if (length > decodedBytes * 2 + Overhead)
            throw new SlideFormatException($"{name}, tile {tile.Column},{tile.Row}, has {length} encoded bytes for {decodedBytes} bytes of pixels. The slide is damaged.", offset);
        return new TileLocation(Reader.Source, offset, length);
    }

    /// <summary>
    /// Uncompressed tiles have a fixed length. A compressed tile contains its own end, so extra bytes are harmless: the range ends at the next tile of the page,
    /// or at the end of the slide.
    /// </summary>
    async ValueTask<long> ComputeAsync(TilePosition tile, long offset, long decodedBytes, CancellationToken cancellationToken)
    {
        if (offset >= Reader.Source.Length) return 1;
        Reader.Warnings.Add(WarningCode.LengthsComputed, $"{name} does not give the lengths of all of its tiles or strips; they were computed.");
        if (page.Compression == "none") return decodedBytes;
        if (page.Compression is not ("jpeg" or "jpeg2000" or "lzw" or "deflate" or "zstd" or "webp" or "packbits"))
            throw new SlideFormatException($"{name}, tile {tile.Column},{tile.Row}, has no length, and its compression does not mark the end of a tile. The slide is damaged: export it again.", offset);
        var next = await NextOffsetAsync(offset, cancellationToken) ?? Reader.Source.Length;
        return Math.Min(Math.Min(next, Reader.Source.Length) - offset, decodedBytes * 2 + Overhead);
    }

    async ValueTask<bool> IsSharedAsync(long offset, CancellationToken cancellationToken)
    {
        var all = await InOrderAsync(cancellationToken);
        var at = Array.BinarySearch(all, offset);
        return at >= 0 && ((at > 0 && all[at - 1] == offset) || (at + 1 < all.Length && all[at + 1] == offset));
    }

    async ValueTask<long?> NextOffsetAsync(long offset, CancellationToken cancellationToken)
    {
        var all = await InOrderAsync(cancellationToken);
        var at = Array.BinarySearch(all, offset);
        // Several tiles may share the same bytes.
        while (at >= 0 && at < all.Length && all[at] == offset) at++;
        at = at < 0 ? ~at : at;
        return at < all.Length ? all[at] : null;
    }

    /// <summary>All offsets of the page, in ascending order.</summary>
    async ValueTask<long[]> InOrderAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref sorted) is { } known) return known;
        var offsets = page.Offsets!;
        if (offsets.Count > MostSorted)
            throw new SlideFormatException($"{name} does not give the lengths of its {offsets.Count} tiles; they are computed for at most {MostSorted} tiles. Export the slide again.", page.Directory.Offset, TiffTag.TileByteCounts);
        var all = new long[offsets.Count];
        for (var i = 0; i < all.Length; i++) all[i] = await offsets.GetAsync(i, cancellationToken);
        Array.Sort(all);
        Volatile.Write(ref sorted, all);
        return all;
    }
}
