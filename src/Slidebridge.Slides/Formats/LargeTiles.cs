using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// A picture in tiles that are too large to be decoded at once, such as a frame of 16384×16384, shown as one of low tiles, each a band of rows of a stored one:
/// 1. a stored tile's encoded bytes are read, and its decoder is kept where it stands;
/// 2. the band below is decoded from there, one further up from the top again;
/// 3. reduced, the decoder gives rows of the reduced tile.
/// Memory is one tile's encoded bytes and the bands that are asked for.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing to dispose; late readers may still wait for it. The decoder's memory is its finalizer's.")]
sealed class LargeTiles : TileSource
{
    /// <summary>Above this a tile is decoded by bands: 32 Mi pixels decode to 96 MB, above any scanner's tile, below what hurts, even several at once.</summary>
    public const long DecodedAtOnce = 32L * 1024 * 1024;

    /// <summary>Pixels of the largest tile: 16384×16384.</summary>
    public const long Largest = 16384L * 16384;

    // Pixels of a band; a multiple of 8 rows, so that it can be reduced, and of 16, which is a row of JPEG's blocks.
    const long BandPixels = 4L * 1024 * 1024;
    const int BandUnit = 16;

    readonly StoredTileSource tiles;
    readonly int bandsOfTile;
    readonly SemaphoreSlim turn = new(1);
    (TilePosition Tile, int Reduction, IRowDecoder Rows, byte[] Encoded)? open;

    LargeTiles(StoredTileSource tiles, int rows) : base(tiles.Level with { TileHeight = rows })
    {
        this.tiles = tiles;
        bandsOfTile = (tiles.Level.TileHeight + rows - 1) / rows;
    }

    /// <summary>Pixels of the largest tile of a width that can be decoded in bounded memory.</summary>
    public static long LargestOf(int width, bool hasRows) => hasRows && (long)width * BandUnit <= DecodedAtOnce ? Largest : DecodedAtOnce;

    /// <summary>The tiles themselves where they are of an ordinary size, or where their compression cannot be decoded by rows.</summary>
    public static TileSource Of(StoredTileSource tiles)
    {
        var level = tiles.Level;
        var pixels = (long)level.TileWidth * level.TileHeight;
        if (pixels <= DecodedAtOnce || pixels > LargestOf(level.TileWidth, tiles.HasRows)) return tiles;
        var rows = (int)Math.Max(BandUnit, BandPixels / level.TileWidth / BandUnit * BandUnit);
        // Bands of two stored tiles that lie one above the other must not overlap.
        while (level.Rows > 1 && rows > BandUnit && level.TileHeight % rows != 0) rows -= BandUnit;
        return level.Rows > 1 && level.TileHeight % rows != 0 ? tiles : new LargeTiles(tiles, rows);
    }

    public override int MaxReduction => tiles.MaxReduction;

    public override long PrefetchBytes => tiles.PrefetchBytes;

    public override bool IsDoubtfulWithoutTiles => tiles.IsDoubtfulWithoutTiles;

    public override ValueTask ExamineAsync(CancellationToken cancellationToken) => tiles.ExamineAsync(cancellationToken);

    // One after the other: a decoder that goes back begins anew.
    public override int AtOnce(int wanted) => 1;

    public override void CheckDecodable() => tiles.CheckDecodable();

    public override ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken) => tiles.IsStoredAsync(StoredOf(tile), cancellationToken);

    public override async ValueTask<long> EncodedBytesAsync(TilePosition tile, CancellationToken cancellationToken) =>
        tile.Row % bandsOfTile == 0 ? await tiles.EncodedBytesAsync(StoredOf(tile), cancellationToken) : 0;

    public override async ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        var stored = StoredOf(tile);
        await turn.WaitAsync(cancellationToken);
        try
        {
            var row = tile.Row % bandsOfTile * Level.TileHeight / reduction;
            if (open is not { } ready || ready.Tile != stored || ready.Reduction != reduction || ready.Rows.Row > row)
            {
                Close();
                if (await tiles.ReadEncodedAsync(stored, cancellationToken) is not { } encoded)
                {
                    if (IsDoubtfulWithoutTiles) tiles.WarnOfMissing();
                    target.FillBackground();
                    return;
                }
                open = ready = (stored, reduction, tiles.OpenRows(stored, encoded, reduction), encoded.Rented);
            }
            tiles.Naming(stored, () =>
            {
                ready.Rows.Skip(row - ready.Rows.Row);
                ready.Rows.Read(target);
            });
        }
        catch
        {
            // Where it stands is not known any more.
            Close();
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    TilePosition StoredOf(TilePosition tile) => new(tile.Column, tile.Row / bandsOfTile);

    void Close()
    {
        if (open is not { } last) return;
        open = null;
        last.Rows.Dispose();
        ArrayPool<byte>.Shared.Return(last.Encoded);
    }
}
