using System.Globalization;
using System.Text.Json;
using Slidebridge.Slides;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary>
/// A folder of a slide's tiles. An incomplete folder never looks complete:
/// 1. <c>tiles.json</c> is written first and describes what is being written; it is locked meanwhile;
/// 2. each tile appears under its name when it is complete;
/// 3. <c>tiles.csv</c> appears when all tiles exist. Until then the same command continues, and any other is refused.
/// </summary>
static class TileFolder
{
    public const string Index = "tiles.csv", Header = "column,row,x,y,width,height,mpp,tissue,file";

    const string Plan = "tiles.json", Unfinished = ".part";

    static readonly string[] Pictures = [".png", ".jpg", ".webp"];

    /// <summary>Checks the path. An unfinished earlier run may be continued; a finished one is replaced only with <c>--force</c>.</summary>
    public static string Place(string output, bool force)
    {
        var isUnfinished = Directory.Exists(output) && (!Directory.EnumerateFileSystemEntries(output).Any() || (File.Exists(Path.Combine(output, Plan)) && !File.Exists(Path.Combine(output, Index))));
        return SlideCommand.Place(output, force || isUnfinished, isFolder: true, IsOwn);
    }

    /// <summary>Writes the missing tiles, or with <paramref name="force"/> all, then the index.</summary>
    /// <returns>The number of tiles in the folder.</returns>
    public static async Task<long> WriteAsync(string place, Slide slide, TileGrid grid, TissueMask mask, string format, int quality, bool force, CancellationToken cancellationToken)
    {
        var layout = slide.LayOutTiles(grid);
        OutputFolder.Check(place);
        Directory.CreateDirectory(place);
        await using var plan = Lock(place);
        await BeginAsync(plan, place, PlanOf(slide, grid, layout, format, quality), force, cancellationToken);
        var lines = new List<(int Row, int Column, string Line)>();
        var done = 0L;
        await SlideCommand.ShowAsync($"{Counted.Text(layout.Count, "tile")} of {grid.Width} × {grid.Height} pixels", progress => Parallel.ForEachAsync(
            slide.ReadTilesAsync(grid, cancellationToken), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, async (tile, token) =>
            {
                using (tile)
                {
                    var name = $"{tile.Column}_{tile.Row}.{format}";
                    var line = Line(tile, layout, mask, name);
                    lock (lines) lines.Add((tile.Row, tile.Column, line));
                    if (!File.Exists(Path.Combine(place, name))) await WholeAsync(place, name, PictureOutput.Encode(tile.ToRaster(), "." + format, quality), token);
                }
                progress.Report(Interlocked.Increment(ref done) / (double)layout.Count);
            }));
        lines.Sort();
        await WholeAsync(place, Index, System.Text.Encoding.ASCII.GetBytes(string.Join('\n', [Header, .. lines.Select(each => each.Line), ""])), cancellationToken);
        return done;
    }

    static string Line(SlideTile tile, TileLayout layout, TissueMask mask, string name)
    {
        var share = mask.FractionOf(tile.X, tile.Y, tile.Width * layout.Downsample, tile.Height * layout.Downsample);
        var mpp = layout.Mpp is { } own ? ((own.X + own.Y) / 2).ToString("0.######", CultureInfo.InvariantCulture) : "";
        return string.Create(CultureInfo.InvariantCulture, $"{tile.Column},{tile.Row},{tile.X:0.###},{tile.Y:0.###},{tile.Width},{tile.Height},{mpp},{share:0.####},{name}");
    }

    /// <summary>Written under another name until it is complete.</summary>
    static async Task WholeAsync(string place, string name, byte[] bytes, CancellationToken cancellationToken)
    {
        var part = Path.Combine(place, name + Unfinished);
        try
        {
            await File.WriteAllBytesAsync(part, bytes, cancellationToken);
            File.Move(part, Path.Combine(place, name), overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    static FileStream Lock(string place)
    {
        try
        {
            return new FileStream(Path.Combine(place, Plan), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new CommandException($"Another process writes tiles to {place}. Wait for it, or use another name.");
        }
    }

    static async Task BeginAsync(FileStream plan, string place, string wanted, bool force, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(plan, leaveOpen: true);
        var found = await reader.ReadToEndAsync(cancellationToken);
        // A process that ended at once may have left it empty, and then there are no tiles either.
        if (found.Length > 0 && found != wanted && !force) throw new CommandException($"{place} has unfinished tiles of another slide or other options. Use another name, or --force to replace them.", 2);
        foreach (var file in Directory.EnumerateFiles(place).Where(each => Path.GetFileName(each) != Plan && (force || each.EndsWith(Unfinished, StringComparison.Ordinal))).ToList()) File.Delete(file);
        plan.SetLength(0);
        await plan.WriteAsync(System.Text.Encoding.UTF8.GetBytes(wanted), cancellationToken);
        await plan.FlushAsync(cancellationToken);
    }

    /// <summary>Everything that decides the tiles' content. Without the slide's name or its patient.</summary>
    static string PlanOf(Slide slide, TileGrid grid, TileLayout layout, string format, int quality) => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["slide"] = string.Create(CultureInfo.InvariantCulture, $"{slide.Format} {slide.Width} {slide.Height} {slide.Levels.Count} {slide.Mpp?.X} {slide.Mpp?.Y}"),
        ["grid"] = string.Create(CultureInfo.InvariantCulture, $"{grid.Width} {grid.Overlap} {grid.Edges} {layout.Downsample} {layout.Level} {layout.Columns} {layout.Rows}"),
        ["tissue"] = grid.Mask is null ? "all" : string.Create(CultureInfo.InvariantCulture, $"{grid.MinTissue} {layout.Count}"),
        ["format"] = string.Create(CultureInfo.InvariantCulture, $"{format} {quality}"),
    }, PlanJson.Default.DictionaryStringString);

    static bool IsOwn(string entry) =>
        !Directory.Exists(entry) && (Path.GetFileName(entry) is Index or Plan || Pictures.Contains(Path.GetExtension(entry)) || entry.EndsWith(Unfinished, StringComparison.Ordinal));
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class PlanJson : System.Text.Json.Serialization.JsonSerializerContext;
