namespace Slidebridge.Slides.Sources;

/// <summary>
/// Fetches exactly the requested bytes, without rounding them to blocks, and keeps them, because opening reads the same bytes more than once. Safe for concurrent readers.
/// </summary>
sealed class ExactBytes(RangeClient client, SeenObject seen, int mostInRequest)
{
    // Enough for the directories and descriptions of any slide; what comes after is only fetched again.
    const int MostKept = 8 * 1024 * 1024;

    // Sorted, without overlap: piece i has the bytes of range i.
    readonly List<ByteRange> ranges = [];
    readonly List<byte[]> pieces = [];
    readonly Lock gate = new();
    long kept;

    /// <summary>Fills the buffer; only bytes that are not kept are requested.</summary>
    public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        foreach (var gap in CopyKept(offset, buffer.Span, buffer.Length))
        {
            var missing = buffer.Slice((int)(gap.Offset - offset), (int)gap.Length);
            await FetchAsync(gap.Offset, missing, cancellationToken);
            Keep(gap.Offset, missing.Span);
        }
    }

    /// <summary>Fetches the missing bytes of all ranges at the same time, and keeps them. Ranges that touch are one request.</summary>
    public Task PrefetchAsync(IEnumerable<ByteRange> wanted, CancellationToken cancellationToken) =>
        Task.WhenAll(ByteRanges.Merge(wanted).SelectMany(range => CopyKept(range.Offset, default, range.Length)).Select(async gap =>
        {
            var missing = new byte[gap.Length];
            await FetchAsync(gap.Offset, missing, cancellationToken);
            Keep(gap.Offset, missing);
        }));

    /// <summary>Keeps bytes that have arrived.</summary>
    public void Keep(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            var range = new ByteRange(offset, bytes.Length);
            // Another reader may have fetched the same bytes meanwhile.
            if (bytes.IsEmpty || kept + bytes.Length > MostKept || ByteRanges.Touches(ranges, range)) return;
            var index = ByteRanges.FirstAfter(ranges, offset);
            ranges.Insert(index, range);
            pieces.Insert(index, bytes.ToArray());
            kept += bytes.Length;
        }
    }

    /// <summary>Copies the kept bytes of a range into the target, unless that is empty, and returns what is missing.</summary>
    List<ByteRange> CopyKept(long offset, Span<byte> target, long length)
    {
        var (missing, end) = (new List<ByteRange>(), offset + length);
        lock (gate)
        {
            for (var (at, i) = (offset, ByteRanges.FirstAfter(ranges, offset)); at < end;)
            {
                var isKept = i < ranges.Count && ranges[i].Offset <= at;
                var to = Math.Min(end, i == ranges.Count ? end : isKept ? ranges[i].End : ranges[i].Offset);
                if (!isKept) missing.Add(new ByteRange(at, to - at));
                else
                {
                    if (!target.IsEmpty) pieces[i].AsSpan((int)(at - ranges[i].Offset), (int)(to - at)).CopyTo(target[(int)(at - offset)..]);
                    i++;
                }
                at = to;
            }
        }
        return missing;
    }

    async Task FetchAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var count = Math.Min(mostInRequest, buffer.Length - done);
            await client.FillAsync(offset + done, [buffer.Slice(done, count)], seen, cancellationToken);
            done += count;
        }
    }
}
