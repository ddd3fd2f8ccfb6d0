using System.Buffers;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>A few tiles that are on their way together: each handing over wakes a thread, which is dear beside painting a small tile.</summary>
sealed class TileJob() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>In their order.</summary>
    public List<TilePosition> Tiles { get; } = [];

    /// <summary>The memory of the tiles that are not painted yet.</summary>
    public Queue<IMemoryOwner<byte>> Memory { get; } = [];

    /// <summary>Those that are painted; whole once the job has ended.</summary>
    public Queue<SlideTile> Painted { get; } = [];

    /// <summary>Why the tiles after <see cref="Painted"/> will not come; null where none is missing.</summary>
    public Exception? Failure { get; set; }

    public void Add(TilePosition tile, IMemoryOwner<byte> memory)
    {
        Tiles.Add(tile);
        Memory.Enqueue(memory);
    }

    /// <summary>Gives back the memory of tiles that nobody takes.</summary>
    public void Drop()
    {
        while (Painted.TryDequeue(out var tile)) tile.Dispose();
        while (Memory.TryDequeue(out var memory)) memory.Dispose();
    }
}
