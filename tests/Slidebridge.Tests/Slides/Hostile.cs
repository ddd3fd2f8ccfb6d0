using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Reads all of a slide that may be damaged or made to do harm.</summary>
static class Hostile
{
    const long MostBytes = 256L * 1024 * 1024;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What a worker would open a stranger's slide with.
    static readonly SlideOptions Options = new() { MaxRegionPixels = 4 * 1024 * 1024 };

    /// <summary>
    /// Opens the slide and reads from every level and image. Opening and each read must succeed or fail as a damaged slide, in time and in bounded memory.
    /// Returns the failure at opening, or null where it opened. The tests that use this run alone: the memory counted is the process's.
    /// </summary>
    public static async Task<Exception?> ReadAsync(byte[] bytes, string what)
    {
        using var deadline = new CancellationTokenSource(Patience);
        // Not awaited directly: a reader that is stuck without looking at its token must not hang the tests.
        var reading = Task.Run(() => ReadAllAsync(bytes, deadline.Token), TestContext.Current.CancellationToken);
        Assert.True(await Task.WhenAny(reading, Task.Delay(Patience + TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken)) == reading, $"{what}: hangs.");
        try
        {
            return await reading;
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
            return null;
        }
    }

    static async Task<Exception?> ReadAllAsync(byte[] bytes, CancellationToken token)
    {
        Slide slide = null!;
        try
        {
            await MeasureAsync(async () => slide = await Slide.OpenAsync(new MemorySource(bytes), Options, token));
        }
        catch (Exception e) when (e is SlideFormatException or SlideSourceException)
        {
            return e;
        }
        await using (slide)
        {
            foreach (var level in slide.Levels)
            {
                await TryAsync(() => slide.ReadRegionAsync(new Region(level.Index, 3, 3, 100, 80), PixelFormat.Rgb24, token));
                await TryAsync(() => slide.ReadRegionAsync(new Region(level.Index, slide.Width - 20, slide.Height - 20, 40, 40), PixelFormat.Bgra32, token));
                // The caller takes the memory for a tile; it knows its size.
                if ((long)level.TileWidth * level.TileHeight > Options.MaxRegionPixels) continue;
                await TryAsync(() => slide.ReadTileAsync(level.Index, 0, 0, PixelFormat.Rgb24, token));
                await TryAsync(() => slide.ReadTileAsync(level.Index, level.Columns - 1, level.Rows - 1, PixelFormat.Rgb24, token));
            }
            foreach (var image in slide.AssociatedImages.Values) await TryAsync(() => image.ReadAsync(token));
            if (slide.ThumbnailPixels(64, 64) < 1L << 40) await TryAsync(() => slide.GetThumbnailAsync(64, 64, token));
        }
        return null;
    }

    static async Task TryAsync(Func<Task> read)
    {
        try
        {
            await MeasureAsync(read);
        }
        catch (Exception e) when (e is SlideFormatException or SlideSourceException)
        {
        }
    }

    static async Task MeasureAsync(Func<Task> read)
    {
        var before = GC.GetTotalAllocatedBytes();
        try
        {
            await read();
        }
        finally
        {
            var taken = GC.GetTotalAllocatedBytes() - before;
            Assert.True(taken <= MostBytes, $"took {taken >> 20} MB.");
        }
    }
}

/// <summary>Tests that count the process's memory and time, and so run alone.</summary>
[CollectionDefinition(nameof(RunAlone), DisableParallelization = true)]
public sealed class RunAlone;
