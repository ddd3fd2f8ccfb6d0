using System.Diagnostics;
using Slidebridge.Slides;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <summary>What a slide behind a URL costs: to the first tile, to a thumbnail, and to have read all of it; beside a download and the file.</summary>
static class RemoteBench
{
    public static async Task<int> RunAsync(int[] megabytes, int latency, CancellationToken cancellationToken)
    {
        var table = new Table().AddColumns("slide", "first tile ms", "requests", "KB", "thumbnail ms", "download first, ms", "full scan tiles/s", "of the file's", "CPU of the file's", "requests", "bytes read / size", "peak MB");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var size in megabytes)
        {
            var path = await BenchSlide.MakeAsync(size, cancellationToken);
            await using var server = await RemoteServer.StartAsync(Path.GetDirectoryName(path)!, latency, cancellationToken);
            table.AddRow(await MeasureAsync(path, server.UrlOf(path), cancellationToken));
        }
        AnsiConsole.WriteLine($"Each answer waits {latency} ms. Server and reader share the cores, so the rate is of both; processor time and peak are the reader's alone.");
        AnsiConsole.Write(table);
        return 0;
    }

    static async Task<string[]> MeasureAsync(string path, string url, CancellationToken cancellationToken)
    {
        // What is compiled at the first use is no part of it.
        await FirstTileAsync(url, cancellationToken);
        var first = new List<double>();
        SourceUsage usage = default;
        for (var i = 0; i < 5; i++)
        {
            var watch = Stopwatch.StartNew();
            usage = await FirstTileAsync(url, cancellationToken);
            first.Add(watch.Elapsed.TotalMilliseconds);
        }

        var thumbnail = Stopwatch.StartNew();
        await using (var slide = await Slide.OpenAsync(url, cancellationToken: cancellationToken)) await slide.GetThumbnailAsync(1024, 1024, cancellationToken);
        thumbnail.Stop();

        var download = Stopwatch.StartNew();
        var copy = Path.GetTempFileName();
        try
        {
            using (var client = new HttpClient())
            await using (var body = await client.GetStreamAsync(url, cancellationToken))
            await using (var file = File.Create(copy))
                await body.CopyToAsync(file, cancellationToken);
            await FirstTileAsync(copy, cancellationToken);
        }
        finally
        {
            File.Delete(copy);
        }
        download.Stop();

        await using var local = await Slide.OpenAsync(path, cancellationToken: cancellationToken);
        await using var remote = await Slide.OpenAsync(url, cancellationToken: cancellationToken);
        var fromFile = await ScanAsync(local, cancellationToken);
        PeakMemory.Forget();
        var fromServer = await ScanAsync(remote, cancellationToken);
        var length = new FileInfo(path).Length;
        return
        [
            $"{Number(length / 1e6, "N0")} MB", Number(first.Order().ElementAt(2), "N0"), $"{usage.Requests}", Number(usage.BytesRead / 1e3, "N0"),
            Number(thumbnail.Elapsed.TotalMilliseconds, "N0"), Number(download.Elapsed.TotalMilliseconds, "N0"),
            Number(fromServer.Rate, "N0"), Number(fromServer.Rate / fromFile.Rate, "N2"), Number(fromServer.Processor / fromFile.Processor, "N2"), $"{remote.Usage.Requests}", Number(remote.Usage.BytesRead / (double)length, "N3"),
            Number(PeakMemory.Megabytes, "N0"),
        ];
    }

    /// <summary>A tile from the middle of level 0.</summary>
    static async Task<SourceUsage> FirstTileAsync(string place, CancellationToken cancellationToken)
    {
        await using var slide = await Slide.OpenAsync(place, cancellationToken: cancellationToken);
        await slide.ReadTileAsync(0, slide.Levels[0].Columns / 2, slide.Levels[0].Rows / 2, cancellationToken: cancellationToken);
        return slide.Usage;
    }

    /// <summary>Tiles a second over all of level 0, on the stored grid, and the reader's processor time in seconds.</summary>
    static async Task<(double Rate, double Processor)> ScanAsync(Slide slide, CancellationToken cancellationToken)
    {
        var (watch, processor) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        long tiles = 0;
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = slide.Levels[0].TileWidth, Height = slide.Levels[0].TileHeight }, cancellationToken))
        {
            tile.Dispose();
            tiles++;
        }
        return (tiles / watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }
}
