using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// A smaller level whose missing tiles are made from the next larger level, if that has them. Scanners leave out tiles of smaller levels,
/// mostly at the edges; shown as background, tissue would disappear there without a warning.
/// </summary>
/// <param name="tiles">The level as it is stored.</param>
/// <param name="larger">The next larger level, itself filled.</param>
/// <param name="warnings">Receives one warning when tiles were filled.</param>
sealed class FilledTiles(TileSource tiles, TileSource larger, SlideWarnings warnings) : TileSource(tiles.Level)
{
    // Maximum pixels of the larger level for one tile: a tile of 512×512 at 1/32, or a whole level of any real pyramid.
    const long MostPixels = 256L * 1024 * 1024;

    // Levels of nearly the same size cannot help each other more than a clearly larger one, and there may be many of them.
    const double SmallestFactor = 1.5;

    // One byte per tile is kept, as soon as one is missing. A level of 32 767 × 32 767 in tiles of 16 has this many.
    const long MostTiles = 4L * 1024 * 1024;

    const byte Unknown = 0, Stored = 1, Missing = 2;

    readonly Lock gate = new();
    byte[]? known;

    readonly double scaleX = Scale(larger.Level.Width, tiles.Level.Width), scaleY = Scale(larger.Level.Height, tiles.Level.Height);

    /// <summary>The levels, largest first; each smaller level is filled from the one before it.</summary>
    public static IReadOnlyList<TileSource> Fill(IReadOnlyList<TileSource> levels, SlideWarnings warnings)
    {
        var filled = new List<TileSource>();
        foreach (var level in levels)
        {
            var larger = filled.LastOrDefault(each => each.Level.Width >= level.Level.Width * SmallestFactor || each.Level.Height >= level.Level.Height * SmallestFactor);
            filled.Add(larger is null ? level : new FilledTiles(level, larger, warnings));
        }
        return filled;
    }

    public override int MaxReduction => tiles.MaxReduction;

    public override long PrefetchBytes => tiles.PrefetchBytes;

    public override void CheckDecodable() => tiles.CheckDecodable();

    public override async ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken) =>
        await tiles.IsStoredAsync(tile, cancellationToken) || await IsInLargerAsync(tile, cancellationToken);

    // Cached: a tile of the next smaller level needs several tiles of this level, and its neighbours need some of the same.
    async ValueTask<bool> IsInLargerAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        if ((long)Level.Columns * Level.Rows > MostTiles) return false;
        var index = tile.Row * Level.Columns + tile.Column;
        lock (gate) known ??= new byte[Level.Columns * Level.Rows];
        if (known[index] != Unknown) return known[index] == Stored;
        var found = Missing;
        foreach (var part in Needed(tile))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await larger.IsStoredAsync(part, cancellationToken)) continue;
            found = Stored;
            break;
        }
        known[index] = found;
        return found == Stored;
    }

    public override async ValueTask<long> EncodedBytesAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        if (await tiles.IsStoredAsync(tile, cancellationToken)) return await tiles.EncodedBytesAsync(tile, cancellationToken);
        long bytes = 0;
        foreach (var part in Needed(tile)) bytes += await larger.EncodedBytesAsync(part, cancellationToken);
        return bytes;
    }

    public override async ValueTask PrefetchAsync(IReadOnlyList<TilePosition> wanted, CancellationToken cancellationToken)
    {
        if (PrefetchBytes == 0) return;
        List<TilePosition> stored = [], needed = [];
        foreach (var tile in wanted)
        {
            if (await tiles.IsStoredAsync(tile, cancellationToken)) stored.Add(tile);
            else needed.AddRange(Needed(tile));
        }
        await Task.WhenAll(tiles.PrefetchAsync(stored, cancellationToken).AsTask(), needed.Count == 0 ? Task.CompletedTask : larger.PrefetchAsync(needed, cancellationToken).AsTask());
    }

    public override ValueTask PrefetchIndexAsync(long mostBytes, CancellationToken cancellationToken) => tiles.PrefetchIndexAsync(mostBytes, cancellationToken);

    public override async ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        if (await tiles.IsStoredAsync(tile, cancellationToken)) await tiles.DecodeAsync(tile, reduction, target, cancellationToken);
        else if (await IsInLargerAsync(tile, cancellationToken)) await FillAsync(tile, reduction, target, cancellationToken);
        else
        {
            if (tiles.IsDoubtfulWithoutTiles) WarnOfMissing();
            target.FillBackground();
        }
    }

    public override async ValueTask ExamineAsync(CancellationToken cancellationToken)
    {
        var isFilled = false;
        foreach (var tile in AllTiles())
        {
            if (await tiles.IsStoredAsync(tile, cancellationToken)) continue;
            cancellationToken.ThrowIfCancellationRequested();
            if (isFilled |= await IsInLargerAsync(tile, cancellationToken)) break;
            if (tiles.IsDoubtfulWithoutTiles) WarnOfMissing();
        }
        if (isFilled) WarnOfFilled();
    }

    public override ValueTask<byte[]?> ReadJpegAsync(TilePosition tile, CancellationToken cancellationToken) => tiles.ReadJpegAsync(tile, cancellationToken);

    public override ValueTask<byte[]?> ReadPictureJpegAsync(CancellationToken cancellationToken) => tiles.ReadPictureJpegAsync(cancellationToken);

    async ValueTask FillAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        if (scaleX * scaleY * Level.TileWidth * Level.TileHeight > MostPixels)
            throw new SlideFormatException($"{Name}, tile {tile.Column},{tile.Row}, is missing; making it from level {larger.Level.Index} would need more than {MostPixels} pixels. Export the slide again.");
        larger.CheckDecodable();
        WarnOfFilled();
        var pixels = LevelPixels.AtMost(larger, Math.Min(scaleX, scaleY) * reduction);
        var (perX, perY) = (scaleX / pixels.Reduction, scaleY / pixels.Reduction);
        await new ScaledRegion(pixels, (x, y, part, token) => RegionReader.ReadAsync(pixels, x, y, part, 1, token)).PaintAsync(
            (double)tile.Column * Level.TileWidth * perX, (double)tile.Row * Level.TileHeight * perY, perX * reduction, perY * reduction, target, cancellationToken);
    }

    void WarnOfFilled() => warnings.Add(WarningCode.TilesFilled, $"{Name} does not store all of its tiles; the missing ones were made from level {larger.Level.Index}.");

    void WarnOfMissing() => warnings.Add(WarningCode.TilesMissing, $"{Name} does not store all of its tiles, nor does a larger level; missing tiles are shown as background.");

    /// <summary>The tiles of the larger level that lie under a tile of this one.</summary>
    IEnumerable<TilePosition> Needed(TilePosition tile)
    {
        long left = (long)((double)tile.Column * Level.TileWidth * scaleX), top = (long)((double)tile.Row * Level.TileHeight * scaleY);
        return new LevelPixels(larger).PartsOf(left, top, Length(VisibleWidth(tile.Column) * scaleX), Length(VisibleHeight(tile.Row) * scaleY)).Select(part => part.Tile);

        static int Length(double pixels) => (int)Math.Min(Math.Ceiling(pixels), int.MaxValue);
    }

    // A level is the larger one shrunk by an integer factor, with its last pixel rounded up or down.
    static double Scale(int larger, int smaller)
    {
        var exact = (double)larger / smaller;
        var whole = Math.Round(exact);
        return whole >= 1 && Math.Abs(larger / whole - smaller) < 1 ? whole : exact;
    }
}
