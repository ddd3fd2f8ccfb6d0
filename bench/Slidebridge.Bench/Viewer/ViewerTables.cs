using System.Globalization;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench.Viewer;

/// <summary>The results as tables.</summary>
static class ViewerTables
{
    public static void Write(IReadOnlyList<StepTimes> steps, IReadOnlyList<ObjectFigures> objects, VirtualTiles tiles, IReadOnlyList<(string Name, double Scale)> scales)
    {
        AnsiConsole.WriteLine($"Tiles of {VirtualTiles.Edge} × {VirtualTiles.Edge} pixels and {Number(tiles.MeanBytes / 1e3)} KB (mean).");
        var table = new Table().AddColumns("slide", "polygons", "step", "slide drawn, ms p50", "p95", "and objects, ms p50", "p95", "bridge's CPU, ms", "requests to the store");
        foreach (var column in table.Columns.Skip(3)) column.RightAligned();
        foreach (var each in steps)
            table.AddRow($"{each.Slide} MB", Whole(each.Polygons), each.Step, Number(each.SlideMedian, "N0"), Number(each.Slide95, "N0"), Number(each.ObjectsMedian, "N0"), Number(each.Objects95, "N0"), Number(each.Processor, "N0"), Number(each.Requests, "N0"));
        AnsiConsole.Write(table);
        if (objects.Count == 0) return;
        var figures = new Table().AddColumns(["polygons", "result MB", "index s", "CPU s", "index MB", .. scales.Select(scale => $"frames/s at {scale.Name}"), "page MB", "software renderer MB", "bridge's peak MB", "largest tile, bytes"]);
        foreach (var column in figures.Columns) column.RightAligned();
        foreach (var each in objects)
            figures.AddRow([Whole(each.Polygons), Number(each.ResultMegabytes, "N0"), Number(each.IndexSeconds), Number(each.IndexProcessorSeconds), Number(each.IndexMegabytes, "N0"), .. scales.Select(scale => Number(each.FramesPerSecond[scale.Name], "N0")),
                Number(each.PageMegabytes, "N0"), Number(each.SoftwareRendererMegabytes, "N0"), Number(each.BridgePeakMegabytes, "N0"), each.LargestTile.ToString("N0", CultureInfo.InvariantCulture)]);
        AnsiConsole.Write(figures);
    }

    static string Whole(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
