namespace Slidebridge.Slides.Sources;

/// <summary>
/// The ledger of one object: which of its bytes have arrived. New ranges are only appended; they are merged when there are as many as merged ones, so that adding one stays cheap. Thread-safe.
/// </summary>
sealed class FetchedRanges
{
    // Ranges that are appended before they are merged for the first time.
    const int FewRecent = 256;

    readonly Lock gate = new();
    readonly List<ByteRange> recent = [];
    List<ByteRange> merged = [];
    long fromEnd;

    /// <summary>Notes bytes that have arrived, or may have.</summary>
    public void Add(long offset, long length)
    {
        if (length <= 0) return;
        length = Math.Min(length, long.MaxValue - offset);
        lock (gate)
        {
            if (recent.Count > 0 && recent[^1] is var last && offset >= last.Offset && offset <= last.End)
                recent[^1] = last with { Length = Math.Max(last.Length, offset + length - last.Offset) };
            else recent.Add(new ByteRange(offset, length));
            if (recent.Count >= Math.Max(FewRecent, merged.Count)) Merge();
        }
    }

    /// <summary>Notes the last bytes of an object whose length is not known yet.</summary>
    public void AddLast(long length)
    {
        lock (gate) fromEnd = Math.Max(fromEnd, length);
    }

    /// <summary>The merged, sorted ranges so far, up to the object's end.</summary>
    /// <param name="length">Bytes of the object.</param>
    public IReadOnlyList<ByteRange> Within(long length)
    {
        lock (gate)
        {
            if (fromEnd > 0) recent.Add(new ByteRange(Math.Max(0, length - fromEnd), fromEnd));
            Merge();
            return [.. ByteRanges.Within(merged, new ByteRange(0, length))];
        }
    }

    // Call under the lock.
    void Merge()
    {
        if (recent.Count == 0) return;
        merged = ByteRanges.Merge(merged.Concat(recent));
        recent.Clear();
    }
}
