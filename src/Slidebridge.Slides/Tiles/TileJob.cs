using System.Buffers;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>A few tiles that are processed together: each transfer to the caller wakes a thread, which is expensive compared with painting a small tile.</summary>
sealed class TileJob() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The tiles' positions, in order.</summary>
    public List<TilePosition> Tiles { get; } = [];

    /// <summary>The memory of the tiles that are not painted yet.</summary>
    public Queue<IMemoryOwner<byte>> Memory { get; } = [];

    /// <summary>The painted tiles; complete when the job has ended.</summary>
    public Queue<SlideTile> Painted { get; } = [];

    /// <summary>Why the tiles after <see cref="Painted"/> are missing; null if none is missing.</summary>
    public Exception? Failure { get; set; }

    public void Add(TilePosition tile, IMemoryOwner<byte> memory)
    {
        Tiles.Add(tile);
        Memory.Enqueue(memory);
    }

    /// <summary>Returns the memory of tiles that the caller does not take.</summary>
    public void Drop()
    {
        while (Painted.TryDequeue(out var tile)) tile.Dispose();
        while (Memory.TryDequeue(out var memory)) memory.Dispose();
    }
}
