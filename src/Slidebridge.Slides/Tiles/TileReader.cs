using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// Reads the tiles of a grid, in bounded memory whoever is the slower:
/// 1. positions come in their order, with what they need fetched ahead;
/// 2. each waits for a slot, which is free again when its tile is handed over;
/// 3. several are painted at the same time;
/// 4. they are handed over in their order, or as they come.
/// </summary>
static class TileReader
{
    // What is kept of decoded stored tiles that neighbours share.
    const long SharedBytes = 64L * 1024 * 1024;

    // Tiles that wait painted for the caller, on top of those being painted.
    const int Ready = 2;

    // Pixels of all tiles that are painted or wait: of tiles of 4096×4096, two.
    const long MostBytes = 128L * 1024 * 1024;

    public static async IAsyncEnumerable<SlideTile> ReadAsync(TilePlan plan, SlideLifetime lifetime, int concurrency, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = new Run(plan, concurrency);
        var running = RunAsync(run, lifetime, stop.Token);
        try
        {
            await foreach (var job in run.Jobs.ReadAllAsync(CancellationToken.None))
            {
                SlideTile tile;
                try
                {
                    tile = await job.Task;
                }
                catch (OperationCanceledException)
                {
                    // It did not come; the run knows why.
                    break;
                }
                run.HandedOver();
                yield return tile;
            }
            await EndAsync(running, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await running.ContinueWith(static _ => { }, TaskScheduler.Default);
            await run.DisposeAsync();
        }
    }

    /// <summary>Tiles that are painted or wait for the caller at the same time: fewer where they are so large that memory would suffer.</summary>
    internal static int Slots(int width, int height, PixelFormat format, int concurrency) =>
        (int)Math.Clamp(MostBytes / ((long)width * height * format.BytesPerPixel()), 1, concurrency * 2 + Ready);

    static async Task RunAsync(Run run, SlideLifetime lifetime, CancellationToken cancellationToken)
    {
        try
        {
            await lifetime.RunAsync(run.RunAsync, cancellationToken);
        }
        finally
        {
            // Also where a closed slide did not let it begin.
            run.End();
        }
    }

    static async Task EndAsync(Task running, CancellationToken cancellationToken)
    {
        try
        {
            await running;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    sealed class Run : IAsyncDisposable
    {
        readonly TilePlan plan;
        readonly int concurrency;
        readonly SemaphoreSlim slots;
        readonly DecodedTiles? shared;
        readonly Channel<TileJob> jobs = Channel.CreateUnbounded<TileJob>(new UnboundedChannelOptions { SingleReader = true });
        readonly HashSet<TileJob> open = [];

        public Run(TilePlan plan, int concurrency)
        {
            this.plan = plan;
            this.concurrency = plan.Pixels.Tiles.AtOnce(concurrency);
            slots = new SemaphoreSlim(Slots(plan.Width, plan.Height, plan.Format, this.concurrency));
            shared = plan.IsAligned ? null : new DecodedTiles(plan.Pixels, plan.Format, SharedBytes);
        }

        public ChannelReader<TileJob> Jobs => jobs.Reader;

        public void HandedOver() => slots.Release();

        public async Task<bool> RunAsync(CancellationToken cancellationToken)
        {
            plan.Pixels.Tiles.CheckDecodable();
            var painter = new TilePainter(plan, shared);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(StartAsync(cancellationToken), parallel, (job, token) => PaintAsync(painter, job, token));
            return true;
        }

        /// <summary>Nobody must wait for a tile that will not come.</summary>
        public void End()
        {
            lock (open)
            {
                foreach (var job in open) job.TrySetCanceled(CancellationToken.None);
            }
            jobs.Writer.Complete();
        }

        /// <summary>After the run: gives back the memory of tiles that nobody took.</summary>
        public async ValueTask DisposeAsync()
        {
            while (jobs.Reader.TryRead(out var job))
                if (job.Task.IsCompletedSuccessfully) (await job.Task).Dispose();
            shared?.Dispose();
            slots.Dispose();
        }

        async IAsyncEnumerable<TileJob> StartAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var positions = plan.Positions(SharedBytes / 2);
            if (plan.Pixels.Tiles.PrefetchBytes > 0)
            {
                await foreach (var tile in new ReadAhead(plan).RunAsync(positions, cancellationToken)) yield return await StartAsync(tile, cancellationToken);
                yield break;
            }
            foreach (var tile in positions) yield return await StartAsync(tile, cancellationToken);
        }

        async ValueTask<TileJob> StartAsync(TilePosition tile, CancellationToken cancellationToken)
        {
            await slots.WaitAsync(cancellationToken);
            var job = new TileJob(tile);
            lock (open) open.Add(job);
            if (plan.InOrder) jobs.Writer.TryWrite(job);
            return job;
        }

        async ValueTask PaintAsync(TilePainter painter, TileJob job, CancellationToken cancellationToken)
        {
            try
            {
                job.SetResult(await painter.PaintAsync(job.Tile, cancellationToken));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whoever waits for this tile is told; the run tells everybody else.
                job.SetException(e);
                _ = job.Task.Exception;
                throw;
            }
            finally
            {
                lock (open)
                {
                    if (job.Task.IsCompleted) open.Remove(job);
                }
                if (!plan.InOrder && job.Task.IsCompleted) jobs.Writer.TryWrite(job);
            }
        }
    }
}
