using Slidebridge.Slides;

namespace Slidebridge.Viewing;

/// <summary>An open slide that people look at, with its Deep Zoom pyramid. Safe for concurrent callers.</summary>
/// <param name="slide">The open slide.</param>
/// <param name="key">Which objects it was opened from. Addresses of tiles contain it, so that a page never mixes tiles of two slides.</param>
/// <param name="isCopy">It is read from a copy, not from its URLs.</param>
/// <param name="owner">Closes the slide when it is disposed; null: nothing does, because the slide is somebody else's.</param>
sealed class ViewedSlide(Slide slide, string key, bool isCopy, IAsyncDisposable? owner) : IAsyncDisposable
{
    /// <summary>Maximum tiles of one slide that are read at the same time: more than a browser asks for, so that one viewer's requests are one round trip to the store.</summary>
    const int TilesAtOnce = 32;

    /// <summary>Maximum bytes of a level's index that are fetched ahead: that of a slide of about 8 GB.</summary>
    const long MostIndexBytes = 8L << 20;

    readonly DeepZoomGenerator pyramid = new(slide);
    readonly SemaphoreSlim reading = new(TilesAtOnce);
    int hasIndex;

    public Slide Slide => slide;

    /// <summary>Which objects the slide was opened from.</summary>
    public string Key => key;

    /// <summary>It is read from a copy, not from its URLs.</summary>
    public bool IsCopy => isCopy;

    /// <summary>A tile's width and height in pixels.</summary>
    public int TileSize => pyramid.TileSize;

    /// <summary>The number of levels, from one pixel (0) to the whole slide.</summary>
    public int LevelCount => pyramid.LevelCount;

    /// <summary>The number of a level's tile columns and rows.</summary>
    public (int Columns, int Rows) TilesOf(int level) => pyramid.TilesOf(level);

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

    /// <summary>
    /// Fetches the bytes of some tiles, neighbours in one request to the store: then <see cref="TileAsync"/> does not wait for them. What cannot be fetched is ignored here. After the first call the indices of all tiles follow.
    /// </summary>
    public async Task FetchAsync(IEnumerable<(int Level, int Column, int Row)> tiles, CancellationToken cancellationToken)
    {
        try
        {
            await pyramid.FetchTilesAsync(tiles, cancellationToken);
            if (Interlocked.Exchange(ref hasIndex, 1) == 0) _ = FetchIndicesAsync();
        }
        catch (SlidebridgeException)
        {
            // Each tile says it.
        }
    }

    /// <summary>Fetches what a viewer shows first: the whole slide.</summary>
    public Task FetchOverviewAsync(CancellationToken cancellationToken)
    {
        const int enough = 1024; // About the size of a viewer, in pixels.
        var level = Enumerable.Range(0, LevelCount).First(level => level == LevelCount - 1 || pyramid.SizeOf(level) is var (width, height) && Math.Max(width, height) >= enough);
        var (columns, rows) = pyramid.TilesOf(level);
        return FetchAsync(Enumerable.Range(0, columns * rows).Select(place => (level, place % columns, place / columns)), cancellationToken);
    }

    async Task FetchIndicesAsync()
    {
        try
        {
            await pyramid.FetchIndicesAsync(MostIndexBytes);
        }
        catch (Exception e) when (e is SlidebridgeException or ObjectDisposedException or OperationCanceledException)
        {
            // It only saves time.
        }
    }

    public ValueTask DisposeAsync()
    {
        reading.Dispose();
        return owner?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
