using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides;

/// <summary>
/// A least-recently-used cache for blocks of remote slides, shared by all slides that use it: a limited number of bytes in memory, and a limited number on disk.
/// Thread-safe. If the disk is full or fails, blocks are only fetched again more often.
/// </summary>
public sealed class BlockCache : IDisposable
{
    // Room for the tissue, overview and index of a few slides, and for what is read ahead for each.
    const long SharedMemoryBytes = 64L * 1024 * 1024, SharedDiskBytes = 1L << 30;

    static long owners;

    readonly Dictionary<BlockKey, LinkedListNode<(BlockKey Key, byte[] Bytes)>> blocks = [];
    readonly LinkedList<(BlockKey Key, byte[] Bytes)> byAge = [];
    readonly DiskRing? disk;
    readonly Lock gate = new();
    long held;

    /// <summary>An empty cache.</summary>
    /// <param name="memoryBytes">Maximum bytes in memory, at least 1.</param>
    /// <param name="diskBytes">Maximum bytes on disk, in a temporary file without a name; 0 for no file.</param>
    /// <param name="directory">The folder for that file; null: the system's folder for temporary files.</param>
    /// <param name="minFreeBytes">Bytes that the cache leaves free on this disk.</param>
    public BlockCache(long memoryBytes, long diskBytes = 0, string? directory = null, long minFreeBytes = 256L * 1024 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(diskBytes);
        MemoryBytes = memoryBytes;
        DiskBytes = diskBytes;
        disk = diskBytes > 0 ? new DiskRing(diskBytes, directory, minFreeBytes) : null;
    }

    /// <summary>The cache for slides whose options name no other: 64 MiB in memory, 1 GiB on disk.</summary>
    public static BlockCache Shared { get; } = new(SharedMemoryBytes, SharedDiskBytes);

    /// <summary>Maximum bytes in memory.</summary>
    public long MemoryBytes { get; }

    /// <summary>Maximum bytes on disk.</summary>
    public long DiskBytes { get; }

    /// <summary>Bytes in memory now.</summary>
    public long HeldBytes
    {
        get
        {
            lock (gate) return held;
        }
    }

    /// <summary>Releases the file on disk. Slides that still use the cache continue with its memory.</summary>
    public void Dispose() => disk?.Dispose();

    internal static long NextOwner() => Interlocked.Increment(ref owners);

    /// <summary>The block, if it is in memory; it becomes the most recently used.</summary>
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

    /// <summary>True if the block is in memory.</summary>
    internal bool Has(BlockKey key)
    {
        lock (gate) return blocks.ContainsKey(key);
    }

    /// <summary>The block from the disk, if it is there. Do not call under a lock: this reads a file.</summary>
    internal bool TryReadFromDisk(BlockKey key, Span<byte> bytes) => disk is not null && disk.TryRead(key, bytes);

    /// <summary>Keeps a block; the oldest blocks move to the disk until the memory limit holds. Do not call under a lock: this writes a file.</summary>
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

    /// <summary>Removes the blocks of an object that was closed.</summary>
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

    // Call under the lock.
    void Remove(LinkedListNode<(BlockKey Key, byte[] Bytes)> node)
    {
        byAge.Remove(node);
        blocks.Remove(node.Value.Key);
        held -= node.Value.Bytes.Length;
    }
}
