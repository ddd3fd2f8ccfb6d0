using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Batches;

/// <summary>
/// Runs tiles through a model; decoding and inference run in parallel:
/// 1. decoded tiles from the slide are written into a batch;
/// 2. at most one full batch waits for the model; until it is taken, decoding waits too;
/// 3. the model runs as many batches at a time as it has sessions;
/// 4. the results of each batch are collected, one batch after another, and the batch's memory is reused.
/// </summary>
sealed class InferencePipeline(IModel model, int sessions, Func<InputBatch> create)
{
    readonly ConcurrentBag<InputBatch> free = [];

    /// <summary>Runs all tiles. A failure cancels the rest.</summary>
    /// <param name="tiles">Decoded tiles; disposed as they are used.</param>
    /// <param name="outputs">The model's outputs to fetch.</param>
    /// <param name="collect">Receives a batch's places and outputs; never called concurrently.</param>
    /// <param name="cancellationToken">Stops between batches, and within a batch if the model can.</param>
    public async Task RunAsync(IAsyncEnumerable<SlideTile> tiles, IReadOnlyList<string> outputs, Action<InputBatch, ModelOutputs> collect, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ready = Channel.CreateBounded<InputBatch>(1);
        var gate = new Lock();
        Exception? failure = null;
        Task[] all = [Task.Run(() => GuardAsync(() => FillAsync(tiles, ready.Writer, stop.Token)), CancellationToken.None), .. Enumerable.Range(0, sessions).Select(_ => GuardAsync(() => InferAsync(ready.Reader)))];
        await Task.WhenAll(all);
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);

        // The first failure is the cause; the others follow from it.
        async Task GuardAsync(Func<Task> work)
        {
            try
            {
                await work();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                await stop.CancelAsync();
            }
        }

        async Task InferAsync(ChannelReader<InputBatch> batches)
        {
            await foreach (var batch in batches.ReadAllAsync(stop.Token))
            {
                using (var found = await model.RunAsync(batch, outputs, stop.Token))
                    lock (gate) collect(batch, found);
                free.Add(batch);
            }
        }
    }

    async Task FillAsync(IAsyncEnumerable<SlideTile> tiles, ChannelWriter<InputBatch> ready, CancellationToken cancellationToken)
    {
        var batch = Take();
        await foreach (var tile in tiles.WithCancellation(cancellationToken))
        {
            using (tile) batch.Add(tile);
            if (!batch.IsFull) continue;
            await ready.WriteAsync(batch, cancellationToken);
            batch = Take();
        }
        if (batch.Count > 0)
        {
            batch.End();
            await ready.WriteAsync(batch, cancellationToken);
        }
        else free.Add(batch);
        ready.Complete();
    }

    InputBatch Take()
    {
        if (!free.TryTake(out var batch)) batch = create();
        batch.Clear();
        return batch;
    }
}
