using Slidebridge.Execution;
using Slidebridge.Slides;
using Slidebridge.Techcyte;

namespace Slidebridge.Viewing;

/// <summary>An open slide that people look at, with its Deep Zoom pyramid. Safe for concurrent callers.</summary>
sealed class ViewedSlide : IAsyncDisposable
{
    /// <summary>Maximum tiles of one slide that are read at the same time: more than a browser asks for, so that one viewer's requests are one round trip to the store.</summary>
    const int TilesAtOnce = 32;

    readonly OpenedTask opened;
    readonly DeepZoomGenerator pyramid;
    readonly SemaphoreSlim reading = new(TilesAtOnce);

    ViewedSlide(OpenedTask opened, Slide slide, string key, bool isCopy)
    {
        (this.opened, Slide, Key, IsCopy) = (opened, slide, key, isCopy);
        pyramid = new DeepZoomGenerator(slide);
    }

    public Slide Slide { get; }

    /// <summary>Which objects the slide was opened from. Addresses of tiles contain it, so that a page never mixes tiles of two slides.</summary>
    public string Key { get; }

    /// <summary>It is read from a copy in the staging directory, not from its URLs.</summary>
    public bool IsCopy { get; }

    /// <summary>Whether it is this scan of this task, whose id is written in any of the platform's ways.</summary>
    public bool IsOf(string taskId, string scanId) => PlatformId.TryParse(taskId, "task", out var number) && number == opened.Task.TaskId && opened.Task.Scans[0].Id == scanId;

    /// <summary>A tile's width and height in pixels.</summary>
    public int TileSize => pyramid.TileSize;

    /// <summary>The number of levels, from one pixel (0) to the whole slide.</summary>
    public int LevelCount => pyramid.LevelCount;

    /// <param name="opened">A task with this one scan, which the slide owns from now on.</param>
    /// <param name="key">See <see cref="Key"/>.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    public static async Task<ViewedSlide> OfAsync(OpenedTask opened, string key, CancellationToken cancellationToken)
    {
        var scan = opened.Task.Scans[0];
        return new ViewedSlide(opened, await scan.OpenSlideAsync(cancellationToken), key, opened.Ways.IsStaged(scan.Id));
    }

    /// <summary>A tile of the pyramid; null if there is no such tile.</summary>
    /// <inheritdoc cref="DeepZoomGenerator.GetTileAsync" path="/exception"/>
    public async Task<DeepZoomTile?> TileAsync(int level, int column, int row, CancellationToken cancellationToken)
    {
        if (level < 0 || level >= LevelCount) return null;
        var (columns, rows) = pyramid.TilesOf(level);
        if (column < 0 || column >= columns || row < 0 || row >= rows) return null;
        await reading.WaitAsync(cancellationToken);
        try
        {
            return await pyramid.GetTileAsync(level, column, row, cancellationToken);
        }
        finally
        {
            reading.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        reading.Dispose();
        return opened.DisposeAsync();
    }
}
