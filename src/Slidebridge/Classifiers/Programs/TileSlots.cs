using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// Shared memory in slots of one batch of tiles each. Tiles are decoded into the slots in turn; a slot whose tiles are all there is handed to the
/// program, and used again when the program has freed it. So the decoder is ahead of the program by as many batches as there are other slots.
/// </summary>
sealed class TileSlots : ITileMemory, IDisposable
{
    // Ahead of the program, in all: more does not help, and containers have little shared memory.
    const long MostBytes = 64 * 1024 * 1024;
    const int FewestSlots = 3, MostSlots = 8;

    readonly SharedPixels pixels;
    readonly int tileBytes, batch;
    readonly TileBatch[] slots;
    readonly Channel<int> free;
    TileBatch? filling;

    /// <param name="tileBytes">Bytes of a tile.</param>
    /// <param name="batch">Tiles of a batch.</param>
    /// <param name="tiles">Tiles in all.</param>
    /// <param name="create">Makes the memory.</param>
    /// <exception cref="Sdk.ClassifierException">There is no room for it.</exception>
    public TileSlots(int tileBytes, int batch, long tiles, Func<int, SharedPixels> create)
    {
        (this.tileBytes, this.batch) = (tileBytes, batch);
        var slotBytes = (long)tileBytes * batch;
        var batches = Math.Max(1, (tiles + batch - 1) / batch);
        Count = (int)Math.Min(batches, Math.Clamp(MostBytes / slotBytes, FewestSlots, MostSlots));
        pixels = create(checked((int)(slotBytes * Count)));
        slots = [.. Enumerable.Range(0, Count).Select(slot => new TileBatch(slot, batch))];
        free = Channel.CreateBounded<int>(Count);
        for (var slot = 0; slot < Count; slot++) free.Writer.TryWrite(slot);
    }

    /// <summary>The most that a program may ask for, in bytes of one batch.</summary>
    public static long LargestBatchBytes => int.MaxValue / FewestSlots;

    public string Path => pixels.Path;

    /// <summary>How many slots there are.</summary>
    public int Count { get; }

    public int SlotBytes => tileBytes * batch;

    public async ValueTask<IMemoryOwner<byte>> RentAsync(int bytes, CancellationToken cancellationToken)
    {
        if (filling is null)
        {
            filling = slots[await free.Reader.ReadAsync(cancellationToken)];
            filling.Begin();
        }
        var place = filling.Taken++;
        var memory = pixels.Memory.Slice(filling.Slot * SlotBytes + place * tileBytes, bytes);
        if (filling.Taken == batch) filling = null;
        return new Borrowed(memory);
    }

    /// <summary>A tile is there: the batch that it completes, or null.</summary>
    public TileBatch? Add(SlideTile tile)
    {
        MemoryMarshal.TryGetMemoryManager<byte, SharedPixels>(tile.Pixels, out _, out var at, out _);
        var slot = slots[at / SlotBytes];
        slot.Set(at % SlotBytes / tileBytes, tile);
        return slot.Painted == batch ? slot : null;
    }

    /// <summary>After the last tile: the batch that was not filled, or null.</summary>
    public TileBatch? Rest() => filling;

    /// <summary>The program has used a batch. False where it had none in this slot.</summary>
    public bool Free(int slot) => slot >= 0 && slot < Count && slots[slot].End() && free.Writer.TryWrite(slot);

    public void Dispose() => ((IDisposable)pixels).Dispose();

    sealed class Borrowed(Memory<byte> memory) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory => memory;

        public void Dispose()
        {
            // The slot is freed as a whole.
        }
    }
}

/// <summary>The tiles of one slot.</summary>
/// <param name="slot">Its number.</param>
/// <param name="size">As many tiles as it takes.</param>
sealed class TileBatch(int slot, int size)
{
    int handed;

    public int Slot => slot;

    /// <summary>Tiles whose place was given out.</summary>
    public int Taken { get; set; }

    /// <summary>Tiles that are there.</summary>
    public int Painted { get; private set; }

    /// <summary>From 0 at the grid's left, by the tile's place in the batch.</summary>
    public int[] Columns { get; } = new int[size];

    public int[] Rows { get; } = new int[size];

    /// <summary>Left edges in level-0 pixels.</summary>
    public double[] X { get; } = new double[size];

    public double[] Y { get; } = new double[size];

    public void Begin() => (Taken, Painted) = (0, 0);

    public void Set(int place, SlideTile tile)
    {
        (Columns[place], Rows[place], X[place], Y[place]) = (tile.Column, tile.Row, tile.X, tile.Y);
        Painted++;
    }

    /// <summary>It is the program's now.</summary>
    public void HandOver() => Volatile.Write(ref handed, 1);

    /// <summary>It was the program's, and is not any more.</summary>
    public bool End() => Interlocked.Exchange(ref handed, 0) == 1;
}
