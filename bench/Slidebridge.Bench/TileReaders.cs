using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Bench;

/// <summary>One way to decode all level-0 tiles of a slide, some number of times over.</summary>
interface ITileReader : IDisposable
{
    string Name { get; }

    /// <summary>Decodes all tiles with so many threads.</summary>
    Task ReadAsync(int threads, CancellationToken cancellationToken);
}

/// <summary>This library: the stream of tiles on the stored grid.</summary>
sealed class SlidebridgeReader(Slide slide) : ITileReader
{
    public string Name => "Slidebridge, ReadTilesAsync";

    public async Task ReadAsync(int threads, CancellationToken cancellationToken)
    {
        var level = slide.Levels[0];
        var grid = new TileGrid { Width = level.TileWidth, Height = level.TileHeight, Concurrency = threads, InOrder = threads == 1 };
        await foreach (var tile in slide.ReadTilesAsync(grid, cancellationToken)) tile.Dispose();
    }

    public void Dispose()
    {
    }
}

/// <summary>This library: a region for each stored tile, into one buffer a thread.</summary>
sealed class RegionsReader(Slide slide) : ITileReader
{
    public string Name => "Slidebridge, ReadRegionAsync";

    public Task ReadAsync(int threads, CancellationToken cancellationToken)
    {
        var level = slide.Levels[0];
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(async () =>
        {
            var pixels = new byte[level.TileWidth * level.TileHeight * 3];
            for (int i; (i = Interlocked.Increment(ref next)) < level.Columns * level.Rows;)
                await slide.ReadRegionAsync(new Region(0, (long)(i % level.Columns) * level.TileWidth, (long)(i / level.Columns) * level.TileHeight, level.TileWidth, level.TileHeight), pixels, PixelFormat.Rgb24, cancellationToken);
        }, cancellationToken)));
    }

    public void Dispose()
    {
    }
}

/// <summary>What there is to gain at most: libturbojpeg on the same bytes, complete and in memory, into one buffer a thread.</summary>
sealed class BareTurboReader(byte[][] jpegs, int width, int height) : ITileReader
{
    public string Name => "bare libturbojpeg loop";

    public static async Task<BareTurboReader> CreateAsync(Slide slide, CancellationToken cancellationToken)
    {
        var tiles = slide.TilesOf(0);
        var jpegs = new List<byte[]>();
        for (var row = 0; row < tiles.Level.Rows; row++)
            for (var column = 0; column < tiles.Level.Columns; column++)
                if (await tiles.ReadJpegAsync(new(column, row), cancellationToken) is { } jpeg) jpegs.Add(jpeg);
        return new BareTurboReader([.. jpegs], tiles.Level.TileWidth, tiles.Level.TileHeight);
    }

    public Task ReadAsync(int threads, CancellationToken cancellationToken)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(() =>
        {
            var handle = TurboJpeg.InitDecompress();
            var pixels = new byte[width * height * 3];
            for (int i; (i = Interlocked.Increment(ref next)) < jpegs.Length;)
                if (!TurboJpeg.Decompress(handle, jpegs[i], pixels, width, height, width * 3, PixelFormat.Rgb24)) throw new InvalidOperationException("A tile could not be decoded.");
            TurboJpeg.Destroy(handle);
        }, cancellationToken)));
    }

    public void Dispose()
    {
    }
}

/// <summary>OpenSlide's C library, a region for each stored tile. Opened anew for each pass, or its own cache would answer.</summary>
sealed partial class OpenSlideReader(string path, Level level) : ITileReader
{
    public string Name => "OpenSlide (C)";

    public async Task ReadAsync(int threads, CancellationToken cancellationToken)
    {
        var next = -1;
        var slide = Open(path);
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(() =>
        {
            var pixels = new uint[level.TileWidth * level.TileHeight];
            for (int i; (i = Interlocked.Increment(ref next)) < level.Columns * level.Rows;)
                ReadRegion(slide, pixels, (long)(i % level.Columns) * level.TileWidth, (long)(i / level.Columns) * level.TileHeight, 0, level.TileWidth, level.TileHeight);
            if (Error(slide) != 0) throw new InvalidOperationException(Marshal.PtrToStringUTF8(Error(slide)));
        }, cancellationToken)));
        Close(slide);
    }

    public void Dispose()
    {
    }

    [LibraryImport("libopenslide.so.0", EntryPoint = "openslide_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path);

    [LibraryImport("libopenslide.so.0", EntryPoint = "openslide_read_region")]
    private static partial void ReadRegion(nint slide, uint[] pixels, long x, long y, int level, long width, long height);

    [LibraryImport("libopenslide.so.0", EntryPoint = "openslide_get_error")]
    private static partial nint Error(nint slide);

    [LibraryImport("libopenslide.so.0", EntryPoint = "openslide_close")]
    private static partial void Close(nint slide);
}

/// <summary>openslide-python in a process of its own, whose start is not counted. The slide is opened anew for each pass.</summary>
sealed class OpenSlidePythonReader : ITileReader
{
    const string Script = """
        import sys, json, openslide
        from concurrent.futures import ThreadPoolExecutor
        ask = json.loads(sys.argv[1])
        places = [(c * ask["width"], r * ask["height"]) for r in range(ask["rows"]) for c in range(ask["columns"])]
        def read(place): slide.read_region(place, 0, (ask["width"], ask["height"])).convert("RGB")
        for line in sys.stdin:
            slide = openslide.OpenSlide(ask["slide"])
            with ThreadPoolExecutor(int(line)) as pool:
                for _ in pool.map(read, places): pass
            print("done", flush=True)
        """;

    readonly Process process;

    public OpenSlidePythonReader(string path, Level level)
    {
        var ask = JsonSerializer.Serialize(new { slide = path, width = level.TileWidth, height = level.TileHeight, columns = level.Columns, rows = level.Rows });
        process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script, ask]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    public string Name => "openslide-python";

    public async Task ReadAsync(int threads, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync($"{threads}");
        await process.StandardInput.FlushAsync(cancellationToken);
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) != "done") throw new InvalidOperationException("openslide-python could not read the slide.");
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
