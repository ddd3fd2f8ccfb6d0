using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// Shared memory in slots for one batch of tiles each. Tiles are decoded into the slots as a ring; a slot with all its tiles is passed to the
/// program, and reused when the program has freed it. So the decoder can be ahead of the program by as many batches as there are other slots.
/// </summary>
sealed class TileSlots : ITileMemory, IDisposable
{
    // Maximum bytes ahead of the program: more does not help, and containers have little shared memory.
    const long MostBytes = 64 * 1024 * 1024;
    const int FewestSlots = 3, MostSlots = 8;

    readonly SharedPixels pixels;
    readonly int tileBytes, batch;
    readonly TileBatch[] slots;
    readonly Channel<int> free;
    TileBatch? filling;

    /// <param name="tileBytes">Bytes of a tile.</param>
    /// <param name="batch">Tiles per batch.</param>
    /// <param name="tiles">Number of all tiles.</param>
    /// <param name="create">Allocates the memory.</param>
    /// <exception cref="Sdk.ClassifierException">There is no room.</exception>
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

    /// <summary>Maximum bytes of one batch that a program may request.</summary>
    public static long LargestBatchBytes => int.MaxValue / FewestSlots;

    public string Path => pixels.Path;

    /// <summary>The number of slots.</summary>
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

    /// <summary>Adds a decoded tile; returns the batch that it completes, or null.</summary>
    public TileBatch? Add(SlideTile tile)
    {
        MemoryMarshal.TryGetMemoryManager<byte, SharedPixels>(tile.Pixels, out _, out var at, out _);
        var slot = slots[at / SlotBytes];
        slot.Set(at % SlotBytes / tileBytes, tile);
        return slot.Painted == batch ? slot : null;
    }

    /// <summary>After the last tile: the incomplete batch, or null.</summary>
    public TileBatch? Rest() => filling;

    /// <summary>The program frees a batch. False if it has no batch in this slot.</summary>
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
/// <param name="size">The number of tiles that fit.</param>
sealed class TileBatch(int slot, int size)
{
    int handed;

    public int Slot => slot;

    /// <summary>Tiles whose place was assigned.</summary>
    public int Taken { get; set; }

    /// <summary>Tiles that are decoded.</summary>
    public int Painted { get; private set; }

    /// <summary>The grid column of each tile in the batch, from 0 at the left.</summary>
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

    /// <summary>Passes the batch to the program.</summary>
    public void HandOver() => Volatile.Write(ref handed, 1);

    /// <summary>Takes the batch back; false if the program did not have it.</summary>
    public bool End() => Interlocked.Exchange(ref handed, 0) == 1;
}
