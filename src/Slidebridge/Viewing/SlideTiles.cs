using System.Buffers.Binary;
using System.Globalization;

namespace Slidebridge.Viewing;

/// <summary>
/// Several tiles in one answer, because a browser has six connections to a server without HTTP/2, and a store takes one round trip for neighbours that are requested together:
/// <code>
/// 1 fetch    the bytes of all tiles, neighbours in one request to the store
/// 2 read     each tile
/// 3 write    a tile as soon as it is read: u32 its place in the request, u32 bytes, the bytes; little endian. No bytes: it could not be read, and its own address says why.
/// </code>
/// </summary>
static class SlideTiles
{
    /// <summary>Maximum tiles of a request: a view of 4096 × 4096 pixels in tiles of 256.</summary>
    const int Most = 256;

    const int HeaderBytes = 8;

    /// <summary>Tiles as <c>LEVEL/COLUMN_ROW,LEVEL/COLUMN_ROW</c>; null if the text is anything else, or too long.</summary>
    public static IReadOnlyList<(int Level, int Column, int Row)>? Parse(string text)
    {
        var names = text.Split(',', Most + 1);
        if (names.Length > Most) return null;
        var tiles = new List<(int, int, int)>(names.Length);
        foreach (var name in names)
        {
            var parts = name.Split('/', '_');
            if (parts.Length != 3 || !TryParse(parts[0], out var level) || !TryParse(parts[1], out var column) || !TryParse(parts[2], out var row)) return null;
            tiles.Add((level, column, row));
        }
        return tiles;
    }

    static bool TryParse(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>Writes the answer.</summary>
    public static async Task WriteAsync(ViewedSlide slide, IReadOnlyList<(int Level, int Column, int Row)> tiles, HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "application/octet-stream";
        await slide.FetchAsync(tiles, cancellationToken);
        var header = new byte[HeaderBytes];
        await foreach (var read in Task.WhenEach(tiles.Select((tile, place) => ReadAsync(slide, tile, place, cancellationToken))).WithCancellation(cancellationToken))
        {
            var (place, bytes) = await read;
            BinaryPrimitives.WriteInt32LittleEndian(header, place);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), bytes.Length);
            await response.Body.WriteAsync(header, cancellationToken);
            await response.Body.WriteAsync(bytes, cancellationToken);
        }
    }

    static async Task<(int Place, byte[] Bytes)> ReadAsync(ViewedSlide slide, (int Level, int Column, int Row) tile, int place, CancellationToken cancellationToken)
    {
        try
        {
            return (place, (await slide.TileAsync(tile.Level, tile.Column, tile.Row, cancellationToken))?.Bytes ?? []);
        }
        catch (SlidebridgeException)
        {
            return (place, []);
        }
    }
}
