using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// Reads the tiles of a grid, in bounded memory whoever is the slower:
/// 1. positions come in their order, with what they need fetched ahead;
/// 2. small tiles go a few together as one job; each job waits for a slot, which is free again when its tiles are handed over;
/// 3. several jobs are painted at the same time;
/// 4. they are handed over in their order, or as they come.
/// </summary>
static class TileReader
{
    // What is kept of decoded stored tiles that neighbours share.
    const long SharedBytes = 64L * 1024 * 1024;

    // Jobs that wait painted for the caller, on top of those being painted.
    const int Ready = 2;

    // Pixels of a job: two tiles of 256×256; more do not stay in the processor's cache until they are taken. A grid is cut into many jobs for each thread, or some would end long before the others.
    const int JobPixels = 128 * 1024, MostTilesOfJob = 8, JobsOfThread = 16;

    // Pixels of all tiles that are painted or wait: of tiles of 4096×4096, two.
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
                    // It did not come; the run knows why.
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

    /// <summary>Jobs that are painted or wait for the caller at the same time: fewer where they are so large that memory would suffer.</summary>
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
        public void Dispose()
        {
            while (jobs.Reader.TryRead(out var job)) job.Drop();
            foreach (var job in open) job.Drop();
            shared?.Dispose();
            slots.Dispose();
        }

        async IAsyncEnumerable<TileJob> StartAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var positions = plan.Positions(SharedBytes / 2);
            var ordered = plan.Pixels.Tiles.PrefetchBytes > 0 ? new ReadAhead(plan).RunAsync(positions, cancellationToken) : positions.ToAsyncEnumerable();
            // The first come alone, so that nobody waits for others to have one.
            var (together, wanted) = (new TileJob(), 1);
            try
            {
                await foreach (var tile in ordered.WithCancellation(cancellationToken))
                {
                    var (width, height) = plan.SizeOf(tile);
                    var rented = memory.RentAsync(width * height * plan.Format.BytesPerPixel(), cancellationToken);
                    // There may be no more memory until those before it were handed over: they must not wait for it.
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
                // Whoever waits for this tile is told, and ends the run. Thrown here, it would take those before it along that are being painted.
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
