namespace Slidebridge.Slides.Sources;

/// <summary>The blocks read last, under a byte budget. Not thread-safe: its owner locks.</summary>
sealed class BlockCache(long budget)
{
    readonly Dictionary<long, LinkedListNode<(long Index, byte[] Bytes)>> blocks = [];
    readonly LinkedList<(long Index, byte[] Bytes)> byAge = [];
    long held;

    /// <summary>The block, which thereby becomes the youngest; null where it is not held.</summary>
    public byte[]? Find(long index)
    {
        if (!blocks.TryGetValue(index, out var node)) return null;
        byAge.Remove(node);
        byAge.AddLast(node);
        return node.Value.Bytes;
    }

    public bool Has(long index) => blocks.ContainsKey(index);

    /// <summary>Keeps a block and lets the oldest go until the budget holds.</summary>
    public void Add(long index, byte[] bytes)
    {
        if (blocks.ContainsKey(index)) return;
        blocks[index] = byAge.AddLast((index, bytes));
        held += bytes.Length;
        while (held > budget && byAge.First is { } oldest)
        {
            byAge.RemoveFirst();
            blocks.Remove(oldest.Value.Index);
            held -= oldest.Value.Bytes.Length;
        }
    }
}
