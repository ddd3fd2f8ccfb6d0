namespace Slidebridge.Slides.Sources;

/// <summary>
/// A slide behind a URL, read by range requests through a block cache. The steps of a read:
/// 1. blocks in the cache are used;
/// 2. for blocks that another reader is fetching, wait;
/// 3. the others are fetched, neighbours in one request, and put into the cache;
/// 4. the bytes are copied to the reader's buffer.
/// With <see cref="SlideOptions.WithholdLabels"/>, a block is fetched without its bytes that are withheld or of an unknown meaning; the latter are fetched only as far as they are read.
/// </summary>
public sealed partial class HttpSource : ByteSource
{
    // Minimum bytes of a request within a run that is read ahead: for fewer bytes, the round trip is the whole cost.
    const int SmallestShare = 256 * 1024;

    // Prefetched neighbours with a gap of at most this many bytes are fetched in one request: the bytes between cost less than a round trip.
    const int MostGapBlocks = 1;

    // Blocks of the first request: the end of the header is not known, and a second round trip costs more than a block.
    const int FirstBlocks = 2;

    // The header of a classic TIFF: what follows may be a label.
    const int ExactHeader = 8;

    static readonly Lazy<HttpClient> SharedClient = new(() => new HttpClient(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
        AllowAutoRedirect = false, // A server could redirect a reader to a private address, or from https to http.
    })
    { Timeout = Timeout.InfiniteTimeSpan });

    readonly RangeClient client;
    readonly SeenObject seen;
    readonly SlideOptions options;
    readonly BlockCache cache;
    readonly ExactBytes exact;
    readonly Dictionary<long, BlockFetch> fetches = [];
    readonly CancellationTokenSource closing = new();
    readonly Lock gate = new();
    long owner = BlockCache.NextOwner();

    // The bytes that a block may be fetched with, merged; null for all bytes.
    volatile IReadOnlyList<ByteRange>? free;

    HttpSource(RangeClient client, SeenObject seen, byte[] first, SlideOptions options)
    {
        exact = new ExactBytes(client, seen, options.MaxRequestBytes);
        this.client = client;
        this.seen = seen;
        this.options = options;
        cache = options.Cache ?? BlockCache.Shared;
        if (options.WithholdLabels)
        {
            free = [];
            exact.Keep(0, first);
            return;
        }
        for (var at = 0; at < first.Length; at += options.BlockSize) cache.Add(Key(at / options.BlockSize), first[at..Math.Min(first.Length, at + options.BlockSize)]);
    }

    /// <inheritdoc/>
    public override long Length => seen.Length;

    /// <inheritdoc/>
    public override SourceUsage Usage => client.Usage;

    /// <inheritdoc/>
    public override IReadOnlyList<ByteRange> Fetched => client.Fetched.Within(Length);

    /// <summary>Reads wait for the network, not for a core.</summary>
    public override int PreferredConcurrency => Math.Max(8, Environment.ProcessorCount);

    /// <summary>A quarter of the cache's memory: the rest is for bytes that were read ahead before, and for other slides.</summary>
    public override long PrefetchBytes => cache.MemoryBytes / 4;

    /// <summary>True for an http(s) URL.</summary>
    public static bool IsHttp(string pathOrUrl) => SlideUrl.IsHttp(pathOrUrl);

    /// <summary>
    /// Requests the first two blocks; the answer usually states the length too. If it does not, the object's end is requested. If the server ignores Range, the object is downloaded once to a temporary file.
    /// With <see cref="SlideOptions.WithholdLabels"/>, only the first bytes are requested, which show the format. The path and the query are sent to the server unchanged.
    /// </summary>
    /// <exception cref="ArgumentException">The address is not a valid URL: see <see cref="SlideUrl"/>.</exception>
    /// <exception cref="SlideSourceException">The object could not be fetched.</exception>
    /// <exception cref="SlideFormatException">The object is empty.</exception>
    public static async Task<ByteSource> OpenAsync(string url, SlideOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        options ??= SlideOptions.Default;
        options.Validate();
        if (!SlideUrl.TryParse(url, out var sent, out var problem)) throw new ArgumentException(problem, nameof(url));

        var client = new RangeClient(options.HttpClient ?? SharedClient.Value, sent, options);
        var firstBytes = options.WithholdLabels ? ExactHeader : Math.Min(options.BlockSize * FirstBlocks, options.MaxRequestBytes / options.BlockSize * options.BlockSize);
        var first = await client.FirstAsync(firstBytes, (answer, body) => DownloadedSource.DownloadAsync(client, answer, body, options, cancellationToken), cancellationToken);
        if (first.Whole is { } whole) return whole;
        var length = first.Length ?? await ObjectLength.LearnAsync(client, first.Bytes.Length, options.WithholdLabels, cancellationToken);
        if (length == 0) throw new SlideFormatException("The slide is empty (0 bytes). Upload it again.", 0);
        var seen = new SeenObject(length, first.Version);
        seen.Known.Remember(0, first.Bytes.Span);
        var bytes = new byte[(int)Math.Min(firstBytes, length)];
        first.Bytes.CopyTo(bytes);
        if (first.Bytes.Length < bytes.Length)
        {
            var rest = new byte[bytes.Length - first.Bytes.Length];
            await client.FillAsync(first.Bytes.Length, [rest], seen, cancellationToken);
            rest.CopyTo(bytes, first.Bytes.Length);
        }
        return new HttpSource(client, seen, bytes, options);
    }

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        if (free is not { } blocks)
        {
            await ReadBlocksAsync(offset, buffer, cancellationToken);
            return;
        }
        var wanted = new ByteRange(offset, buffer.Length);
        foreach (var part in ByteRanges.Within(blocks, wanted)) await ReadBlocksAsync(part.Offset, buffer.Slice((int)(part.Offset - offset), (int)part.Length), cancellationToken);
        foreach (var part in ByteRanges.Outside(blocks, wanted)) await exact.ReadAsync(part.Offset, buffer.Slice((int)(part.Offset - offset), (int)part.Length), cancellationToken);
    }

    /// <inheritdoc/>
    public override void Withhold(ByteRange known, IReadOnlyList<ByteRange> withhold)
    {
        long before;
        lock (gate)
        {
            base.Withhold(known, withhold);
            free = [.. ByteRanges.Merge([.. free ?? [], known]).SelectMany(range => ByteRanges.Outside(Withheld, range))];
            // Blocks that were fetched without bytes that are free now must not be used any more.
            (before, owner) = (owner, BlockCache.NextOwner());
            fetches.Clear();
        }
        cache.Forget(before);
    }

    async ValueTask ReadBlocksAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var index = offset / options.BlockSize;
            var last = (offset + buffer.Length - 1) / options.BlockSize;
            foreach (var block in await BlocksAsync(index, last, cancellationToken))
            {
                var within = (int)(offset % options.BlockSize);
                var count = Math.Min(buffer.Length, block.Length - within);
                block.AsSpan(within, count).CopyTo(buffer.Span);
                offset += count;
                buffer = buffer[count..];
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask PrefetchAsync(IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        foreach (var range in ranges) CheckRange(range.Offset, range.Length);
        if (free is not { } blocks)
        {
            await PrefetchBlocksAsync(ranges, cancellationToken);
            return;
        }
        await Task.WhenAll(
            PrefetchBlocksAsync(ranges.SelectMany(range => ByteRanges.Within(blocks, range)), cancellationToken),
            exact.PrefetchAsync(ranges.SelectMany(range => ByteRanges.Outside(blocks, range)), cancellationToken));
    }

    async Task PrefetchBlocksAsync(IEnumerable<ByteRange> ranges, CancellationToken cancellationToken)
    {
        var wanted = new SortedSet<long>();
        foreach (var range in ranges)
        {
            for (var index = range.Offset / options.BlockSize; index * options.BlockSize < range.End; index++) wanted.Add(index);
        }

        var started = new List<BlockFetch>();
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closing.IsCancellationRequested, this);
            var missing = wanted.Where(index => !cache.Has(Key(index)) && !fetches.ContainsKey(index)).ToList();
            // Split the run into as many requests as the host accepts at once: neither very small ones, nor one long one while the other permits are unused.
            var share = Math.Clamp((long)missing.Count * options.BlockSize / client.AtOnce, Math.Min(SmallestShare, options.MaxRequestBytes), options.MaxRequestBytes);
            for (int from = 0, to; from < missing.Count; from = to)
            {
                to = from + 1;
                while (to < missing.Count && CanJoin(missing[from], missing[to - 1], missing[to], share)) to++;
                started.Add(Start(missing[from], (int)(missing[to - 1] - missing[from] + 1)));
            }
        }
        try
        {
            await Task.WhenAll(started.Select(fetch => fetch.Blocks)).WaitAsync(cancellationToken);
        }
        finally
        {
            foreach (var fetch in started) Leave(fetch);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (gate) running = [.. fetches.Values.Select(fetch => fetch.Blocks)];
        await closing.CancelAsync();
        await Task.WhenAll(running).ContinueWith(static _ => { }, TaskScheduler.Default);
        closing.Dispose();
        cache.Forget(owner);
    }

    BlockKey Key(long index) => new(owner, index);

    bool CanJoin(long first, long previous, long next, long most)
    {
        if (next - previous - 1 > MostGapBlocks || (next - first + 1) * options.BlockSize > most) return false;
        // Bytes in the gap that are already cached are not fetched twice.
        for (var between = previous + 1; between < next; between++)
            if (cache.Has(Key(between)) || fetches.ContainsKey(between)) return false;
        return true;
    }

    /// <summary>The block, and the blocks after it up to the last one from the same request.</summary>
    async ValueTask<ArraySegment<byte[]>> BlocksAsync(long index, long last, CancellationToken cancellationToken)
    {
        BlockFetch? fetch;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closing.IsCancellationRequested, this);
            if (cache.Find(Key(index)) is { } cached) return new byte[][] { cached };
            if (fetches.TryGetValue(index, out fetch)) fetch.Readers++;
            else fetch = Start(index, RunLength(index, last));
        }
        try
        {
            var blocks = await fetch.Blocks.WaitAsync(cancellationToken);
            return new ArraySegment<byte[]>(blocks, (int)(index - fetch.First), (int)(Math.Min(last, fetch.First + fetch.Count - 1) - index + 1));
        }
        finally
        {
            Leave(fetch);
        }
    }

    // Call under the lock.
    int RunLength(long index, long last)
    {
        var most = Math.Min(last, index + options.MaxRequestBytes / options.BlockSize - 1);
        var end = index;
        while (end < most && !cache.Has(Key(end + 1)) && !fetches.ContainsKey(end + 1)) end++;
        return (int)(end - index + 1);
    }

    // Call under the lock.
    BlockFetch Start(long first, int count)
    {
        var fetch = new BlockFetch(first, count, closing.Token) { Readers = 1 };
        for (var i = 0; i < count; i++) fetches[first + i] = fetch;
        var (now, parts) = (owner, free);
        fetch.Start(started => Task.Run(() => RunAsync(started, now, parts)));
        return fetch;
    }

    async Task<byte[][]> RunAsync(BlockFetch fetch, long owner, IReadOnlyList<ByteRange>? free)
    {
        var blocks = new byte[fetch.Count][];
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = new byte[(int)Math.Min(options.BlockSize, Length - (fetch.First + i) * options.BlockSize)];
        try
        {
            // Blocks at either end of the run that are on disk need not be fetched again; blocks between two missing ones are fetched with them.
            int from = 0, to = blocks.Length;
            while (from < to && cache.TryReadFromDisk(new BlockKey(owner, fetch.First + from), blocks[from])) from++;
            while (to > from && cache.TryReadFromDisk(new BlockKey(owner, fetch.First + to - 1), blocks[to - 1])) to--;
            if (from < to) await FillAsync((fetch.First + from) * options.BlockSize, new ArraySegment<byte[]>(blocks, from, to - from), free, fetch.Token);
            // Add to the cache before the fetch is removed: otherwise a reader in between would request the block again.
            for (var i = 0; i < blocks.Length; i++) cache.Add(new BlockKey(owner, fetch.First + i), blocks[i]);
            return blocks;
        }
        finally
        {
            lock (gate)
            {
                Forget(fetch);
                fetch.Dispose();
            }
        }
    }

    /// <summary>Fetches the free parts of a run of blocks; the other bytes stay zero, and are never read from a block.</summary>
    Task FillAsync(long offset, ArraySegment<byte[]> blocks, IReadOnlyList<ByteRange>? free, CancellationToken cancellationToken)
    {
        var run = new ByteRange(offset, blocks.Sum(block => (long)block.Length));
        return Task.WhenAll((free is null ? [run] : ByteRanges.Within(free, run)).Select(part => client.FillAsync(part.Offset, [.. Memories(part)], seen, cancellationToken)));

        IEnumerable<Memory<byte>> Memories(ByteRange part)
        {
            var at = offset;
            foreach (var block in blocks)
            {
                var (from, to) = (Math.Max(at, part.Offset), Math.Min(at + block.Length, part.End));
                if (from < to) yield return block.AsMemory((int)(from - at), (int)(to - from));
                at += block.Length;
            }
        }
    }

    void Leave(BlockFetch fetch)
    {
        lock (gate)
        {
            if (--fetch.Readers > 0) return;
            if (!fetch.Blocks.IsCompleted)
            {
                Forget(fetch);
                fetch.Abandon();
            }
        }
    }

    // Another fetch may have replaced this one meanwhile.
    void Forget(BlockFetch fetch)
    {
        for (var i = 0; i < fetch.Count; i++)
            if (fetches.TryGetValue(fetch.First + i, out var current) && current == fetch) fetches.Remove(fetch.First + i);
    }
}
