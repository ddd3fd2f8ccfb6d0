using System.Buffers;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// A cache for stored tiles that several wanted tiles need: each is decoded once, by the first caller that needs it, and kept while there is room.
/// Thread-safe; call <see cref="Release"/> after every <see cref="GetAsync"/>.
/// </summary>
sealed class DecodedTiles(LevelPixels level, PixelFormat format, long budget) : IDisposable
{
    /// <summary>A stored tile's visible pixels, rows without padding.</summary>
    public sealed class Entry
    {
        public required TilePosition Tile { get; init; }
        public required int Width { get; init; }
        public required int Height { get; init; }
        public required byte[] Pixels { get; init; }
        public TaskCompletionSource Decoded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Guarded by the cache's lock, like Failed.</summary>
        public int Readers { get; set; }
        public bool Failed { get; set; }
        public required long Bytes { get; init; }
    }

    readonly Dictionary<TilePosition, LinkedListNode<Entry>> entries = [];
    readonly LinkedList<Entry> byAge = [];
    readonly Lock gate = new();
    long held;

    /// <summary>The decoded tile.</summary>
    /// <exception cref="SlideFormatException">The tile is damaged.</exception>
    public async ValueTask<Entry> GetAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        Entry entry;
        var isFirst = false;
        lock (gate)
        {
            if (entries.TryGetValue(tile, out var node))
            {
                byAge.Remove(node);
                byAge.AddLast(node);
            }
            else
            {
                isFirst = true;
                node = Add(tile);
            }
            entry = node.Value;
            entry.Readers++;
        }
        try
        {
            if (isFirst) await DecodeAsync(entry, cancellationToken);
            else await entry.Decoded.Task.WaitAsync(cancellationToken);
            return entry;
        }
        catch
        {
            Release(entry);
            throw;
        }
    }

    public void Release(Entry entry)
    {
        lock (gate)
        {
            entry.Readers--;
            if (entry.Failed && entry.Readers == 0) ArrayPool<byte>.Shared.Return(entry.Pixels);
        }
    }

    /// <summary>Call after the last reader: returns all memory to the pool.</summary>
    public void Dispose()
    {
        foreach (var entry in byAge) ArrayPool<byte>.Shared.Return(entry.Pixels);
        byAge.Clear();
        entries.Clear();
    }

    async ValueTask DecodeAsync(Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            var target = new PixelTarget(entry.Pixels, entry.Width * format.BytesPerPixel(), entry.Width, entry.Height, format);
            await level.DecodeTileAsync(entry.Tile, target, cancellationToken);
            entry.Decoded.SetResult();
        }
        catch (Exception e)
        {
            lock (gate)
            {
                entry.Failed = true;
                if (entries.Remove(entry.Tile, out var node)) byAge.Remove(node);
                held -= entry.Bytes;
            }
            entry.Decoded.SetException(e);
            // No other caller may be waiting for it.
            _ = entry.Decoded.Task.Exception;
            throw;
        }
    }

    // Call under the lock.
    LinkedListNode<Entry> Add(TilePosition tile)
    {
        var width = Math.Min(level.TileWidth, level.Width - tile.Column * level.TileWidth);
        var height = Math.Min(level.TileHeight, level.Height - tile.Row * level.TileHeight);
        long bytes = checked(width * height * format.BytesPerPixel());
        for (var oldest = byAge.First; held + bytes > budget && oldest is not null;)
        {
            var next = oldest.Next;
            if (oldest.Value.Readers == 0)
            {
                byAge.Remove(oldest);
                entries.Remove(oldest.Value.Tile);
                held -= oldest.Value.Bytes;
                ArrayPool<byte>.Shared.Return(oldest.Value.Pixels);
            }
            oldest = next;
        }
        held += bytes;
        return entries[tile] = byAge.AddLast(new Entry { Tile = tile, Width = width, Height = height, Pixels = ArrayPool<byte>.Shared.Rent((int)bytes), Bytes = bytes });
    }
}
