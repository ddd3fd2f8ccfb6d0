using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides;

/// <summary>
/// The blocks of remote slides that were read last, of all slides that share it: so many bytes in memory, then so many more on disk.
/// Thread-safe. A full or failing disk only means that more is fetched again.
/// </summary>
public sealed class BlockCache : IDisposable
{
    // Tissue, overview and index of a few slides; and what is read ahead for each.
    const long SharedMemoryBytes = 64L * 1024 * 1024, SharedDiskBytes = 1L << 30;

    static long owners;

    readonly Dictionary<BlockKey, LinkedListNode<(BlockKey Key, byte[] Bytes)>> blocks = [];
    readonly LinkedList<(BlockKey Key, byte[] Bytes)> byAge = [];
    readonly DiskRing? disk;
    readonly Lock gate = new();
    long held;

    /// <summary>An empty cache.</summary>
    /// <param name="memoryBytes">At least 1.</param>
    /// <param name="diskBytes">In a temporary file without a name; 0 for none.</param>
    /// <param name="directory">Where that file is made; null: the system's folder for temporary files.</param>
    /// <param name="minFreeBytes">Bytes that it leaves free on its disk.</param>
    public BlockCache(long memoryBytes, long diskBytes = 0, string? directory = null, long minFreeBytes = 256L * 1024 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(diskBytes);
        MemoryBytes = memoryBytes;
        DiskBytes = diskBytes;
        disk = diskBytes > 0 ? new DiskRing(diskBytes, directory, minFreeBytes) : null;
    }

    /// <summary>What slides use whose options name no other: 64 MiB in memory, 1 GiB on disk.</summary>
    public static BlockCache Shared { get; } = new(SharedMemoryBytes, SharedDiskBytes);

    /// <summary>Bytes that may be held in memory.</summary>
    public long MemoryBytes { get; }

    /// <summary>Bytes that may be held on disk.</summary>
    public long DiskBytes { get; }

    /// <summary>Bytes that are held in memory now.</summary>
    public long HeldBytes
    {
        get
        {
            lock (gate) return held;
        }
    }

    /// <summary>Lets the file on disk go. Slides that still use the cache go on with its memory.</summary>
    public void Dispose() => disk?.Dispose();

    internal static long NextOwner() => Interlocked.Increment(ref owners);

    /// <summary>The block, if it is in memory; it thereby becomes the youngest.</summary>
    internal byte[]? Find(BlockKey key)
    {
        lock (gate)
        {
            if (!blocks.TryGetValue(key, out var node)) return null;
            byAge.Remove(node);
            byAge.AddLast(node);
            return node.Value.Bytes;
        }
    }

    /// <summary>True where it is in memory.</summary>
    internal bool Has(BlockKey key)
    {
        lock (gate) return blocks.ContainsKey(key);
    }

    /// <summary>The block from the disk, if it is there. Not for callers that hold a lock: it reads a file.</summary>
    internal bool TryReadFromDisk(BlockKey key, Span<byte> bytes) => disk is not null && disk.TryRead(key, bytes);

    /// <summary>Keeps a block; the oldest go to the disk until the budget holds. Not for callers that hold a lock: it writes a file.</summary>
    internal void Add(BlockKey key, byte[] bytes)
    {
        List<(BlockKey Key, byte[] Bytes)>? leaving = null;
        lock (gate)
        {
            if (blocks.ContainsKey(key)) return;
            blocks[key] = byAge.AddLast((key, bytes));
            held += bytes.Length;
            while (held > MemoryBytes && byAge.First is { } oldest)
            {
                Remove(oldest);
                (leaving ??= []).Add(oldest.Value);
            }
        }
        if (disk is null || leaving is null) return;
        foreach (var block in leaving) disk.Add(block.Key, block.Bytes);
    }

    /// <summary>Lets go what belongs to an object that was closed.</summary>
    internal void Forget(long owner)
    {
        lock (gate)
        {
            for (var node = byAge.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Key.Owner == owner) Remove(node);
                node = next;
            }
        }
        disk?.Forget(owner);
    }

    // Under the lock.
    void Remove(LinkedListNode<(BlockKey Key, byte[] Bytes)> node)
    {
        byAge.Remove(node);
        blocks.Remove(node.Value.Key);
        held -= node.Value.Bytes.Length;
    }
}
