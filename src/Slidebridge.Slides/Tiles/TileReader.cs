using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// Reads the tiles of a grid, in bounded memory, whether the reader or the caller is slower:
/// 1. positions come in order, and the bytes that they need are fetched ahead;
/// 2. several small tiles form one job; each job waits for a slot, which is free again when its tiles are passed to the caller;
/// 3. several jobs are painted at the same time;
/// 4. their tiles are passed to the caller in order, or as soon as they are painted.
/// </summary>
static class TileReader
{
    // Bytes of decoded stored tiles that are cached, because neighbours share them.
    const long SharedBytes = 64L * 1024 * 1024;

    // Painted jobs that wait for the caller, in addition to those being painted.
    const int Ready = 2;

    // Pixels of a job: two tiles of 256×256; more would leave the processor's cache before the caller takes them. A grid gives many jobs for each thread, so that all threads end at nearly the same time.
    const int JobPixels = 128 * 1024, MostTilesOfJob = 8, JobsOfThread = 16;

    // Pixels of all tiles that are painted or wait: two tiles of 4096×4096.
    const long MostBytes = 128L * 1024 * 1024;

    public static async IAsyncEnumerable<SlideTile> ReadAsync(TilePlan plan, ITileMemory memory, SlideLifetime lifetime, int concurrency, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = new Run(plan, memory, concurrency);
        var running = RunAsync(run, lifetime, stop.Token);
        TileJob? current = null;
        try
        {
            await foreach (var job in run.Jobs.ReadAllAsync(CancellationToken.None))
            {
                current = job;
                try
                {
                    await job.Task;
                }
                catch (OperationCanceledException)
                {
                    // The tile is missing; the run has the cause.
                    break;
                }
                run.HandedOver();
                while (!cancellationToken.IsCancellationRequested && job.Painted.TryDequeue(out var tile)) yield return tile;
                cancellationToken.ThrowIfCancellationRequested();
                if (job.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
            }
            await EndAsync(running, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await running.ContinueWith(static _ => { }, TaskScheduler.Default);
            current?.Drop();
            run.Dispose();
        }
    }

    /// <summary>Jobs that are painted or wait for the caller at the same time: fewer if they are so large that they would use too much memory.</summary>
    internal static int Slots(int width, int height, PixelFormat format, int concurrency) =>
        (int)Math.Clamp(MostBytes / ((long)width * height * format.BytesPerPixel()), 1, concurrency * 2 + Ready);

    /// <summary>The tiles in the order in which they are read.</summary>
    public static IEnumerable<TilePosition> PositionsOf(TilePlan plan) => plan.Positions(SharedBytes / 2);

    static async Task RunAsync(Run run, SlideLifetime lifetime, CancellationToken cancellationToken)
    {
        try
        {
            await lifetime.RunAsync(run.RunAsync, cancellationToken);
        }
        finally
        {
            // Also if the run did not begin because the slide was closed.
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

    sealed class Run : IDisposable
    {
        readonly TilePlan plan;
        readonly ITileMemory memory;
        readonly int concurrency, tilesOfJob;
        readonly SemaphoreSlim slots;
        readonly DecodedTiles? shared;
        readonly Channel<TileJob> jobs = Channel.CreateUnbounded<TileJob>(new UnboundedChannelOptions { SingleReader = true });
        readonly HashSet<TileJob> open = [];

        public Run(TilePlan plan, ITileMemory memory, int concurrency)
        {
            this.plan = plan;
            this.memory = memory;
            this.concurrency = plan.Pixels.Tiles.AtOnce(concurrency);
            var most = (int)Math.Min(MostTilesOfJob, (long)plan.Columns * plan.Rows / (this.concurrency * JobsOfThread));
            tilesOfJob = Math.Clamp(JobPixels / Math.Max(1, plan.Width * plan.Height), 1, Math.Max(1, most));
            slots = new SemaphoreSlim(Slots(plan.Width, plan.Height * tilesOfJob, plan.Format, this.concurrency));
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

        /// <summary>Ends every wait for a tile that will not come.</summary>
        public void End()
        {
            lock (open)
            {
                foreach (var job in open) job.TrySetCanceled(CancellationToken.None);
            }
            jobs.Writer.Complete();
        }

        /// <summary>Call after the run: returns the memory of tiles that the caller did not take.</summary>
        public void Dispose()
        {
            while (jobs.Reader.TryRead(out var job)) job.Drop();
            foreach (var job in open) job.Drop();
            shared?.Dispose();
            slots.Dispose();
        }

        async IAsyncEnumerable<TileJob> StartAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var positions = PositionsOf(plan);
            var ordered = plan.Pixels.Tiles.PrefetchBytes > 0 ? new ReadAhead(plan).RunAsync(positions, cancellationToken) : positions.ToAsyncEnumerable();
            // The first tiles are jobs of one tile, so that the caller gets the first one early.
            var (together, wanted) = (new TileJob(), 1);
            try
            {
                await foreach (var tile in ordered.WithCancellation(cancellationToken))
                {
                    var (width, height) = plan.SizeOf(tile);
                    var rented = memory.RentAsync(width * height * plan.Format.BytesPerPixel(), cancellationToken);
                    // Memory may become available only after earlier tiles are passed to the caller, so those must not wait for it.
                    if (!rented.IsCompleted && together.Tiles.Count > 0) yield return await StartAsync(Take(ref together), cancellationToken);
                    together.Add(tile, await rented);
                    if (together.Tiles.Count < wanted) continue;
                    yield return await StartAsync(Take(ref together), cancellationToken);
                    wanted = Math.Min(wanted + 1, tilesOfJob);
                }
                if (together.Tiles.Count > 0) yield return await StartAsync(Take(ref together), cancellationToken);
            }
            finally
            {
                together.Drop();
            }

            static TileJob Take(ref TileJob together) => Interlocked.Exchange(ref together, new TileJob());
        }

        async ValueTask<TileJob> StartAsync(TileJob job, CancellationToken cancellationToken)
        {
            try
            {
                await slots.WaitAsync(cancellationToken);
            }
            catch
            {
                job.Drop();
                throw;
            }
            lock (open) open.Add(job);
            if (plan.InOrder) jobs.Writer.TryWrite(job);
            return job;
        }

        async ValueTask PaintAsync(TilePainter painter, TileJob job, CancellationToken cancellationToken)
        {
            try
            {
                foreach (var tile in job.Tiles) job.Painted.Enqueue(await painter.PaintAsync(tile, job.Memory.Dequeue(), cancellationToken));
                job.SetResult();
            }
            catch (OperationCanceledException)
            {
                job.Drop();
                throw;
            }
            catch (Exception e)
            {
                // The caller that waits for this tile receives the exception, and ends the run. Throwing it here would also cancel earlier tiles that are being painted.
                while (job.Memory.TryDequeue(out var unused)) unused.Dispose();
                job.Failure = e;
                job.SetResult();
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
