using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>One budget for the blocks of all slides that share a cache, in memory and then on disk; and one limit for a host.</summary>
public sealed class BlockCacheTests
{
    const int Block = 1000;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_oldest_blocks_of_all_slides_leave_the_memory_first()
    {
        using var cache = new BlockCache(4 * Block);
        for (var i = 0; i < 4; i++) cache.Add(new BlockKey(i % 2, i), Bytes(i));
        Assert.NotNull(cache.Find(new BlockKey(0, 0)));
        cache.Add(new BlockKey(2, 9), Bytes(9));
        Assert.True(cache.Has(new BlockKey(0, 0)));
        Assert.False(cache.Has(new BlockKey(1, 1)));
        Assert.False(cache.TryReadFromDisk(new BlockKey(1, 1), new byte[Block]));
    }

    [Fact]
    public void What_leaves_the_memory_is_on_disk_until_its_turn_comes_there()
    {
        using var cache = new BlockCache(2 * Block, 10 * Block + 500);
        for (var i = 0; i < 60; i++)
        {
            cache.Add(new BlockKey(1, i), Bytes(i));
            var found = new byte[Block];
            for (var old = 0; old <= i; old++)
            {
                var expected = old <= i - 2 && old > i - 2 - 10;
                Assert.Equal(expected, cache.TryReadFromDisk(new BlockKey(1, old), found));
                if (expected) Assert.Equal(Bytes(old), found);
            }
        }
    }

    [Fact]
    public void Blocks_of_any_size_come_back_from_the_disk_as_they_were_or_not_at_all()
    {
        using var ring = new DiskRing(50_000);
        var random = new Random(4);
        var sizes = Enumerable.Range(0, 300).Select(_ => random.Next(1, 9000)).ToArray();
        Parallel.For(0, sizes.Length, i => ring.Add(new BlockKey(1, i), Filled(i, sizes[i])));
        var held = 0;
        for (var i = 0; i < sizes.Length; i++)
        {
            var found = new byte[sizes[i]];
            if (!ring.TryRead(new BlockKey(1, i), found)) continue;
            held += found.Length;
            Assert.Equal(Filled(i, sizes[i]), found);
        }
        Assert.InRange(held, 50_000 - 2 * 9000, 50_000);
        ring.Forget(1);
        Assert.False(ring.TryRead(new BlockKey(1, sizes.Length - 1), new byte[sizes[^1]]));
    }

    [Fact]
    public void Readers_and_writers_of_the_disk_never_see_another_block()
    {
        using var ring = new DiskRing(20 * Block);
        Parallel.For(0, 4000, i =>
        {
            ring.Add(new BlockKey(1, i), Bytes(i));
            for (var back = 0; back < 25; back += 3)
            {
                var found = new byte[Block];
                if (i - back >= 0 && ring.TryRead(new BlockKey(1, i - back), found)) Assert.Equal(Bytes(i - back), found);
            }
        });
    }

    [Fact]
    public async Task A_block_on_disk_is_not_asked_for_again()
    {
        var bytes = new byte[100 * 1024];
        new Random(1).NextBytes(bytes);
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(bytes);
        using var cache = new BlockCache(8 * 1024, 1024 * 1024);
        await using var source = await HttpSource.OpenAsync(served.Url, new SlideOptions { BlockSize = 1024, Cache = cache }, Token);
        await ReadAllAsync();
        var asked = served.Asked.Count;
        await ReadAllAsync();
        Assert.Equal(asked, served.Asked.Count);

        async Task ReadAllAsync()
        {
            var buffer = new byte[5000];
            for (var offset = 0; offset < bytes.Length; offset += buffer.Length)
            {
                var count = Math.Min(buffer.Length, bytes.Length - offset);
                await source.ReadAsync(offset, buffer.AsMemory(0, count), Token);
                Assert.True(buffer.AsSpan(0, count).SequenceEqual(bytes.AsSpan(offset, count)));
            }
        }
    }

    [Fact]
    public async Task A_closed_slide_leaves_nothing_in_the_cache()
    {
        await using var server = await RangeServer.StartAsync();
        using var cache = new BlockCache(8 * 1024, 1024 * 1024);
        var source = await HttpSource.OpenAsync(server.Serve(new byte[50_000]).Url, new SlideOptions { BlockSize = 1024, Cache = cache }, Token);
        await source.ReadAsync(0, new byte[50_000], Token);
        await source.DisposeAsync();
        var last = BlockCache.NextOwner();
        for (var owner = 0L; owner < last; owner++)
            for (var i = 0; i < 49; i++)
            {
                Assert.False(cache.Has(new BlockKey(owner, i)));
                Assert.False(cache.TryReadFromDisk(new BlockKey(owner, i), new byte[1024]));
            }
    }

    [Fact]
    public async Task A_host_is_sent_more_at_once_while_it_answers_at_once()
    {
        var limit = new HostLimit(TimeProvider.System);
        var first = limit.Allowed;
        await RunAsync(limit, 400, 32, () => limit.Answered(limit.Now));
        Assert.InRange(limit.Allowed, first + 4, HostLimit.Most);
    }

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.5, 1)]
    [InlineData(0.8, 1)]
    [InlineData(0.5, 8)]
    public async Task Chance_in_the_answers_of_an_object_store_is_not_taken_for_a_queue_and_a_queue_is(double spread, int queue)
    {
        var clock = new SimulatedClock();
        var limit = new HostLimit(clock);
        var random = new Random(7);
        // All places are taken, as in a full scan: the answers are simulated, 30 ms in the median, and longer by the queue that more requests make.
        var turns = new Queue<HostLimit.Turn>();
        Task<HostLimit.Turn>? waiting = null;
        double sum = 0;
        for (var i = 0; i < 6000; i++)
        {
            while ((waiting ??= limit.EnterAsync("", Token)).IsCompleted || turns.Count == 0)
            {
                turns.Enqueue(await waiting);
                waiting = null;
            }
            var waits = queue == 1 ? 1 : Math.Max(1, limit.Allowed * (double)queue / 32);
            var took = TimeSpan.FromMilliseconds(30 * waits * Math.Exp(spread * Normal(random)));
            clock.Pass(took / limit.Allowed);
            limit.Answered(limit.Now - took.Ticks);
            turns.Dequeue().Dispose();
            if (i >= 3000) sum += limit.Allowed;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"spread {spread}, queue {queue}: {sum / 3000:0.0} of {HostLimit.Most} in the mean");
        if (queue == 1) Assert.InRange(sum / 3000, 24, HostLimit.Most);
        else Assert.InRange(sum / 3000, 2, 23); // Whose turn comes first is not the same each time.
    }

    sealed class SimulatedClock : TimeProvider
    {
        long ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Pass(TimeSpan time) => ticks += time.Ticks;
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    [Fact]
    public async Task A_host_that_cannot_keep_up_is_sent_half()
    {
        var limit = new HostLimit(TimeProvider.System);
        var first = limit.Allowed;
        await RunAsync(limit, 50, 8, limit.Overloaded);
        // Many refusals of one moment are one overload.
        Assert.Equal(first / 2, limit.Allowed);
        var most = await RunAsync(limit, 50, 32, () => { });
        Assert.Equal(first / 2, most);
    }

    /// <summary>Runs requests, so many at a time as the limit allows; returns the most that ran together at the end.</summary>
    static async Task<int> RunAsync(HostLimit limit, int count, int callers, Action end)
    {
        int running = 0, most = 0, done = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = callers, CancellationToken = Token }, async (_, token) =>
        {
            using var turn = await limit.EnterAsync("", token);
            var now = Interlocked.Increment(ref running);
            if (Interlocked.Increment(ref done) > count / 2) most = Math.Max(most, now);
            await Task.Delay(1, token);
            end();
            Interlocked.Decrement(ref running);
        });
        return most;
    }

    static byte[] Bytes(int value) => Filled(value, Block);

    static byte[] Filled(int value, int length)
    {
        var bytes = new byte[length];
        new Random(value).NextBytes(bytes);
        return bytes;
    }
}
