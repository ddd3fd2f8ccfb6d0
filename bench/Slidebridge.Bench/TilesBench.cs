using System.Diagnostics;
using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <summary>Level-0 tiles a second on one slide, reader after reader in turn, so that a machine that slows down slows all of them.</summary>
static class TilesBench
{
    public static async Task<int> RunAsync(string path, int rounds, double seconds, CancellationToken cancellationToken)
    {
        if (!TurboJpeg.IsAvailable) throw new InvalidOperationException("libturbojpeg is not installed (Debian: libturbojpeg0).");
        await using var slide = await Slide.OpenAsync(path, cancellationToken: cancellationToken);
        var level = slide.Levels[0];
        var tiles = (long)level.Columns * level.Rows;
        AnsiConsole.WriteLine($"{tiles} tiles of {level.TileWidth} × {level.TileHeight}, {level.Compression}, {Number(new FileInfo(path).Length / 1e6)} MB; {rounds} rounds of about {seconds} s each, medians.");
        using var bare = await BareTurboReader.CreateAsync(slide, cancellationToken);
        ITileReader[] readers = [bare, new SlidebridgeReader(slide), new RegionsReader(slide), new OpenSlideReader(path, level), new OpenSlidePythonReader(path, level)];

        var table = new Table().AddColumns("reader", "threads", "tiles/s", "MPix/s", "of the bare loop", "bytes allocated a tile");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var threads in new[] { 1, Environment.ProcessorCount })
        {
            var rates = readers.Select(_ => new List<double>()).ToArray();
            var allocated = new double[readers.Length];
            for (var round = 0; round <= rounds; round++)
                for (var i = 0; i < readers.Length; i++)
                {
                    var (rate, bytes) = await MeasureAsync(readers[i], threads, tiles, seconds, cancellationToken);
                    if (round > 0) rates[i].Add(rate); // The first warms up.
                    allocated[i] = bytes;
                }
            var median = rates.Select(list => list.Order().ElementAt(list.Count / 2)).ToArray();
            for (var i = 0; i < readers.Length; i++)
                table.AddRow(readers[i].Name, $"{threads}", Number(median[i], "N0"), Number(median[i] * level.TileWidth * level.TileHeight / 1e6, "N0"), Number(median[i] / median[0], "N2"),
                    readers[i] is SlidebridgeReader or RegionsReader ? Number(allocated[i], "N0") : "");
        }
        foreach (var reader in readers) reader.Dispose();
        AnsiConsole.Write(table);
        return 0;
    }

    static async Task<(double Rate, double Bytes)> MeasureAsync(ITileReader reader, int threads, long tiles, double seconds, CancellationToken cancellationToken)
    {
        var before = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        long read = 0;
        do
        {
            await reader.ReadAsync(threads, cancellationToken);
            read += tiles;
        }
        while (watch.Elapsed.TotalSeconds < seconds);
        return (read / watch.Elapsed.TotalSeconds, (GC.GetTotalAllocatedBytes() - before) / (double)read);
    }
}
