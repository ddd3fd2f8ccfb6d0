namespace Slidebridge.Slides.Sources;

/// <summary>
/// Blocks in a temporary file that is written round and round: the newest overwrite the oldest.
/// A place is given up before it is written over, so what a reader finds in the list after its read was whole. Thread-safe.
/// </summary>
sealed class DiskRing(long capacity, string? directory = null, long minFree = 0) : IDisposable
{
    /// <summary>A run of the file given to a block.</summary>
    sealed record Place(BlockKey Key, long Offset, int Length)
    {
        public long End => Offset + Length;

        /// <summary>Given to another block since. Guarded by the lock.</summary>
        public bool IsLost { get; set; }
    }

    readonly Dictionary<BlockKey, Place> places = [];

    // In the order in which they were given, which is their order round the ring.
    readonly Queue<Place> given = [];
    readonly Lock gate = new();

    // One writer at a time: a slow one must not write where its place was given on meanwhile.
    readonly Lock writing = new();
    TemporaryFile? file;
    long end;
    bool failed;

    /// <summary>Fills the bytes and returns true, or returns false where the block is not there.</summary>
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
            // What came from the disk and leaves the memory again is still there.
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
            // Not for good: the disk may have room again.
            if (end + bytes.Length > file.Length && !file.HasRoom(bytes.Length)) return;
            place = Give(key, bytes.Length);
        }
        try
        {
            file.Overwrite(bytes, place.Offset);
        }
        // No room: the cache is a help, not a need.
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

    // Under the lock.
    Place Give(BlockKey key, int length)
    {
        if (end + length > capacity)
        {
            // The rest of the round is left empty; what stands there is the oldest.
            while (given.TryPeek(out var oldest) && oldest.Offset >= end) Take(given.Dequeue());
            end = 0;
        }
        var place = new Place(key, end, length);
        while (given.TryPeek(out var oldest) && oldest.Offset >= place.Offset && oldest.Offset < place.End) Take(given.Dequeue());
        given.Enqueue(place);
        end = place.End;
        return place;
    }

    // Under the lock.
    void Take(Place place)
    {
        place.IsLost = true;
        if (places.TryGetValue(place.Key, out var current) && current == place) places.Remove(place.Key);
    }
}
