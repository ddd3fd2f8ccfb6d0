using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// Presents a picture whose tiles are too large to decode at once, such as a frame of 16384×16384, as a picture of low tiles; each is a band of rows of a stored tile:
/// 1. a stored tile's encoded bytes are read, and its decoder is kept at its current row;
/// 2. a band further down is decoded from there; for a band further up, decoding restarts at the top;
/// 3. with a reduction, the decoder returns rows of the reduced tile.
/// Memory use is one tile's encoded bytes and the requested bands.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore has nothing to dispose if its wait handle is never used; late readers may still wait for it. The decoder's finalizer releases its memory.")]
sealed class LargeTiles : TileSource
{
    /// <summary>Above this, a tile is decoded by bands: 32 Mi pixels decode to 96 MB, which is larger than any scanner's tile, and still affordable several times at once.</summary>
    public const long DecodedAtOnce = 32L * 1024 * 1024;

    /// <summary>Pixels of the largest tile: 16384×16384.</summary>
    public const long Largest = 16384L * 16384;

    // Pixels of a band; its rows are a multiple of 8, for the reductions, and of 16, a row of JPEG blocks.
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

    /// <summary>Pixels of the largest tile of this width that can be decoded in bounded memory.</summary>
    public static long LargestOf(int width, bool hasRows) => hasRows && (long)width * BandUnit <= DecodedAtOnce ? Largest : DecodedAtOnce;

    /// <summary>The tiles unchanged, if they have an ordinary size or their compression cannot be decoded by rows.</summary>
    public static TileSource Of(StoredTileSource tiles)
    {
        var level = tiles.Level;
        var pixels = (long)level.TileWidth * level.TileHeight;
        if (pixels <= DecodedAtOnce || pixels > LargestOf(level.TileWidth, tiles.HasRows)) return tiles;
        var rows = (int)Math.Max(BandUnit, BandPixels / level.TileWidth / BandUnit * BandUnit);
        // Bands of two vertically neighbouring stored tiles must not overlap.
        while (level.Rows > 1 && rows > BandUnit && level.TileHeight % rows != 0) rows -= BandUnit;
        return level.Rows > 1 && level.TileHeight % rows != 0 ? tiles : new LargeTiles(tiles, rows);
    }

    public override int MaxReduction => tiles.MaxReduction;

    public override long PrefetchBytes => tiles.PrefetchBytes;

    public override bool IsDoubtfulWithoutTiles => tiles.IsDoubtfulWithoutTiles;

    public override ValueTask ExamineAsync(CancellationToken cancellationToken) => tiles.ExamineAsync(cancellationToken);

    // One caller at a time: a decoder that must go back restarts from the top.
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
            // The decoder's row is not known any more.
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
