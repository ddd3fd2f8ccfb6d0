using System.Text.Json;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Reads programs' requests, and validates them before anything is done.</summary>
static class Requests
{
    const int LargestBatch = 4096;

    public static long Id(JsonElement message) => Long(message, "id") ?? throw new WrongRequestException("'id' is missing.");

    public static long TaskId(JsonElement message) => Long(message, "taskId") ?? throw new WrongRequestException("'taskId' is missing; an answer must name its task.");

    public static string Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? TextOf(value) : throw new WrongRequestException($"'{name}' must be a string.");

    /// <summary>A string; unchanged if it contains an unpaired surrogate, which Python writes for an invalid byte in a file name.</summary>
    public static string TextOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return text.GetRawText()[1..^1];
        }
    }

    public static int Integer(JsonElement message, string name, int? otherwise = null) => Long(message, name) switch
    {
        null => otherwise ?? throw new WrongRequestException($"'{name}' is missing."),
        >= int.MinValue and <= int.MaxValue and var number => (int)number,
        var number => throw new WrongRequestException($"'{name}' is too large: {number}."),
    };

    public static double? Number(JsonElement message, string name) => !Has(message, name, out var value) ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw new WrongRequestException($"'{name}' must be a number.");

    /// <summary>The grid of a <c>tiles</c> message, without its mask.</summary>
    public static (TileGrid Grid, int Batch) Tiles(JsonElement message)
    {
        var grid = new TileGrid
        {
            Width = Integer(message, "width", 256),
            Height = Integer(message, "height", 256),
            Overlap = Integer(message, "overlap", 0),
            Mpp = Number(message, "mpp"),
            Downsample = Number(message, "downsample"),
            Level = Long(message, "level") is { } level ? (int)Math.Clamp(level, int.MinValue, int.MaxValue) : null,
            Within = Has(message, "within", out var within) ? new SlideBounds(Integer(within, "x"), Integer(within, "y"), Integer(within, "width"), Integer(within, "height")) : null,
            Edges = Has(message, "edges", out _) && Text(message, "edges") is var edges ? edges switch
            {
                "pad" => TileEdges.Pad,
                "skip" => TileEdges.Skip,
                _ => throw new WrongRequestException("'edges' must be 'pad' or 'skip', because the tiles of a batch have one size."),
            } : TileEdges.Pad,
            InOrder = Flag(message, "inOrder"),
            AllowUpsampling = Flag(message, "allowUpsampling"),
        };
        var batch = Integer(message, "batch", 64);
        if (batch is < 1 or > LargestBatch) throw new WrongRequestException($"'batch' must be 1 to {LargestBatch} tiles.");
        if (grid is not { Width: >= 1 and <= 16384, Height: >= 1 and <= 16384 }) throw new WrongRequestException("'width' and 'height' must be 1 to 16384 pixels.");
        if ((long)grid.Width * grid.Height * 3 * batch > TileSlots.LargestBatchBytes)
            throw new WrongRequestException($"A batch of {batch} tiles of {grid.Width}×{grid.Height} needs {(long)grid.Width * grid.Height * 3 * batch / 1_000_000} MB; the maximum is {TileSlots.LargestBatchBytes / 1_000_000} MB.");
        return (grid, batch);
    }

    /// <summary>The minimum share of tissue of a tile; null for all tiles.</summary>
    public static double? Tissue(JsonElement message) => !Has(message, "tissue", out var value) || value.ValueKind is JsonValueKind.False ? null
        : value.ValueKind is JsonValueKind.True ? new TileGrid().MinTissue
        : Number(message, "tissue") is > 0 and <= 1 and var share ? share
        : throw new WrongRequestException("'tissue' must be true, false, or a share above 0 and up to 1.");

    static bool Flag(JsonElement message, string name) => Has(message, name, out var value) && (value.ValueKind is JsonValueKind.True
        || (value.ValueKind is JsonValueKind.False ? false : throw new WrongRequestException($"'{name}' must be true or false.")));

    static long? Long(JsonElement message, string name) => !Has(message, name, out var value) ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw new WrongRequestException($"'{name}' must be a whole number.");

    static bool Has(JsonElement message, string name, out JsonElement value)
    {
        value = default;
        return message.ValueKind is JsonValueKind.Object && message.TryGetProperty(name, out value) && value.ValueKind is not JsonValueKind.Null;
    }
}
