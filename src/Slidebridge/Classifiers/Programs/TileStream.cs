using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Programs;

/// <summary>The tiles that a program requested: decoded ahead into shared memory, and reported batch by batch.</summary>
sealed class TileStream(long id, Slide slide, TileGrid grid, int batch, Func<int, SharedPixels> create, Func<JsonObject, CancellationToken, Task> tell) : IDisposable
{
    TileSlots? slots;

    /// <summary>The program frees a batch.</summary>
    public void Free(JsonElement message)
    {
        if (slots?.Free(Requests.Integer(message, "slot")) is not true) throw new WrongRequestException("'free' names a slot without a batch.");
    }

    /// <summary>Sends all tiles; waits for the program whenever no slot is free.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var layout = slide.LayOutTiles(grid);
        slots = new TileSlots(grid.Width * grid.Height * 3, batch, layout.Count, create);
        await tell(new JsonObject
        {
            ["type"] = "layout",
            ["id"] = id,
            ["file"] = slots.Path,
            ["slots"] = slots.Count,
            ["slotBytes"] = slots.SlotBytes,
            ["width"] = grid.Width,
            ["height"] = grid.Height,
            ["count"] = layout.Count,
            ["columns"] = layout.Columns,
            ["rows"] = layout.Rows,
            ["level"] = layout.Level,
            ["downsample"] = layout.Downsample,
            ["mpp"] = TaskMessage.Mpp(layout.Mpp),
            ["scaled"] = layout.IsScaled,
        }, cancellationToken);
        await foreach (var tile in slide.ReadTilesAsync(grid, slots, cancellationToken))
        {
            using (tile)
                if (slots.Add(tile) is { } full) await HandOverAsync(full, full.Painted, cancellationToken);
        }
        if (slots.Rest() is { } rest) await HandOverAsync(rest, rest.Painted, cancellationToken);
        await tell(new JsonObject { ["type"] = "end", ["id"] = id }, cancellationToken);
    }

    Task HandOverAsync(TileBatch tiles, int count, CancellationToken cancellationToken)
    {
        var message = new JsonObject
        {
            ["type"] = "batch",
            ["id"] = id,
            ["slot"] = tiles.Slot,
            ["count"] = count,
            ["columns"] = new JsonArray([.. tiles.Columns[..count].Select(n => JsonValue.Create(n))]),
            ["rows"] = new JsonArray([.. tiles.Rows[..count].Select(n => JsonValue.Create(n))]),
            ["x"] = new JsonArray([.. tiles.X[..count].Select(n => JsonValue.Create(n))]),
            ["y"] = new JsonArray([.. tiles.Y[..count].Select(n => JsonValue.Create(n))]),
        };
        tiles.HandOver();
        return tell(message, cancellationToken);
    }

    public void Dispose() => slots?.Dispose();
}
