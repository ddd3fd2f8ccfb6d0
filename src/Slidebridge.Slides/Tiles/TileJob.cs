using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>A few tiles that are on their way together: each handing over wakes a thread, which is dear beside painting a small tile.</summary>
/// <param name="tiles">In their order.</param>
sealed class TileJob(IReadOnlyList<TilePosition> tiles) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public IReadOnlyList<TilePosition> Tiles { get; } = tiles;

    /// <summary>Those that are painted; whole once the job has ended.</summary>
    public Queue<SlideTile> Painted { get; } = new(tiles.Count);

    /// <summary>Why the tiles after <see cref="Painted"/> will not come; null where none is missing.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gives back the memory of tiles that nobody takes.</summary>
    public void Drop()
    {
        while (Painted.TryDequeue(out var tile)) tile.Dispose();
    }
}
