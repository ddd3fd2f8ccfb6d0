namespace Slidebridge.Slides.Sources;

/// <summary>
/// Blocks in a temporary file that is used as a ring buffer: the newest blocks overwrite the oldest.
/// A block's entry is removed before its bytes are overwritten. So if the entry is still in the list after a read, the bytes are valid. Thread-safe.
/// </summary>
sealed class DiskRing(long capacity, string? directory = null, long minFree = 0) : IDisposable
{
    /// <summary>A run of the file that holds a block.</summary>
    sealed record Place(BlockKey Key, long Offset, int Length)
    {
        public long End => Offset + Length;

        /// <summary>True after the run was assigned to another block. Guarded by the lock.</summary>
        public bool IsLost { get; set; }
    }

    readonly Dictionary<BlockKey, Place> places = [];

    // In the order in which they were assigned, which is their order in the ring.
    readonly Queue<Place> given = [];
    readonly Lock gate = new();

    // One writer at a time: a slow writer must not write to a place that was assigned to another block meanwhile.
    readonly Lock writing = new();
    TemporaryFile? file;
    long end;
    bool failed;

    /// <summary>Fills the bytes and returns true; false if the block is not there.</summary>
    public bool TryRead(BlockKey key, Span<byte> bytes)
    {
        Place? place;
        lock (gate)
        {
            if (failed || !places.TryGetValue(key, out place) || place.Length != bytes.Length) return false;
        }
        try
        {
            file!.Read(place.Offset, bytes);
        }
        catch (Exception e) when (e is SlideSourceException or ObjectDisposedException)
        {
            return false;
        }
        lock (gate) return !place.IsLost;
    }

    public void Add(BlockKey key, byte[] bytes)
    {
        lock (writing) Write(key, bytes);
    }

    public void Forget(long owner)
    {
        lock (gate)
        {
            foreach (var key in places.Keys.Where(key => key.Owner == owner).ToList()) places.Remove(key);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            failed = true;
            places.Clear();
            given.Clear();
            file?.Dispose();
        }
    }

    void Write(BlockKey key, byte[] bytes)
    {
        Place place;
        lock (gate)
        {
            // A block that was read from the disk and is evicted from memory again is still on the disk.
            if (failed || bytes.Length > capacity || places.ContainsKey(key)) return;
            try
            {
                file ??= TemporaryFile.Create(directory, minFree);
            }
            catch (SlideSourceException)
            {
                failed = true;
                return;
            }
            // Do not give up permanently: the disk may have room again.
            if (end + bytes.Length > file.Length && !file.HasRoom(bytes.Length)) return;
            place = Give(key, bytes.Length);
        }
        try
        {
            file.Overwrite(bytes, place.Offset);
        }
        // No room: the cache is optional.
        catch (Exception e) when (e is SlideSourceException or ObjectDisposedException)
        {
            Dispose();
            return;
        }
        lock (gate)
        {
            if (!failed) places.TryAdd(key, place);
        }
    }

    // Call under the lock.
    Place Give(BlockKey key, int length)
    {
        if (end + length > capacity)
        {
            // The end of the file stays unused in this round; the blocks there are the oldest.
            while (given.TryPeek(out var oldest) && oldest.Offset >= end) Take(given.Dequeue());
            end = 0;
        }
        var place = new Place(key, end, length);
        while (given.TryPeek(out var oldest) && oldest.Offset >= place.Offset && oldest.Offset < place.End) Take(given.Dequeue());
        given.Enqueue(place);
        end = place.End;
        return place;
    }

    // Call under the lock.
    void Take(Place place)
    {
        place.IsLost = true;
        if (places.TryGetValue(place.Key, out var current) && current == place) places.Remove(place.Key);
    }
}
