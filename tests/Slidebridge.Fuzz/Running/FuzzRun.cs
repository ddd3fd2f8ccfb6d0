using System.Diagnostics;
using Slidebridge.Fuzz.Mutations;
using Slidebridge.Fuzz.Seeds;

namespace Slidebridge.Fuzz.Running;

/// <summary>
/// A run:
/// 1. seeds take turns, a batch each, in proportion to their weights;
/// 2. each worker process takes the next batch; one that ends or hangs is replaced, and the batch goes on after the case it was in;
/// 3. a case that was slow or large is run again alone: another program may have been the cause;
/// 4. findings are told at once, and saved.
/// </summary>
sealed class FuzzRun(FuzzOptions options, SeedCollection all)
{
    // Long enough that a line to the worker costs nothing, short enough that seeds mix.
    const int Batch = 100;

    readonly FuzzTotals totals = new();
    readonly Stopwatch clock = Stopwatch.StartNew();
    readonly Mutator mutator = new(all);
    readonly Lock gate = new();
    IEnumerator<(Seed Seed, long First, int Count)> batches = null!;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var seeds = all.All.Where(seed => (options.Format is null || seed.Format == options.Format) && (options.Seed is null || seed.Name == options.Seed)).ToList();
        if (seeds.Count == 0) throw new ArgumentException("No seed has this format or name: --list shows them.");
        foreach (var missing in all.Missing) Console.WriteLine($"left out: {missing.Split('\n')[0]}");
        Console.WriteLine($"{seeds.Count} seeds, {options.Workers} workers");
        batches = Batches(seeds).GetEnumerator();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var telling = TellAsync(ending.Token);
        var workers = Enumerable.Range(0, options.Workers).Select(_ => Task.Run(() => WorkAsync(cancellationToken), cancellationToken)).ToList();
        try
        {
            await Task.WhenAll(workers);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        await ending.CancelAsync();
        await telling;
        FuzzReport.Write(totals, all.Missing.Count, clock.Elapsed);
        return totals.Findings.Count == 0 ? 0 : 1;
    }

    IEnumerable<(Seed, long, int)> Batches(List<Seed> seeds)
    {
        var left = options.Cases;
        for (long round = 0; ; round++)
            foreach (var seed in seeds)
            {
                var count = (int)Math.Min(Math.Max(1, Batch * seed.Weight / seeds.Max(each => each.Weight)), left);
                if (count == 0 || clock.Elapsed.TotalSeconds > options.Seconds) yield break;
                left -= count;
                yield return (seed, options.First + round * count, count);
            }
    }

    async Task WorkAsync(CancellationToken cancellationToken)
    {
        WorkerProcess? worker = null;
        try
        {
            while (true)
            {
                Seed seed;
                long first, end;
                lock (gate)
                {
                    if (!batches.MoveNext()) return;
                    (seed, first, var count) = batches.Current;
                    end = first + count;
                }
                while (first < end)
                {
                    worker ??= await WorkerProcess.StartAsync(options.Native, cancellationToken);
                    var alive = true;
                    await foreach (var result in worker.RunAsync(seed.Name, first, (int)(end - first), cancellationToken))
                    {
                        alive = await TakeAsync(seed, first++, result, cancellationToken);
                        if (!alive || clock.Elapsed.TotalSeconds > options.Seconds + 2) break;
                    }
                    if (alive && first < end) return;
                    if (alive) continue;
                    worker.Dispose();
                    worker = null;
                }
            }
        }
        finally
        {
            worker?.Dispose();
        }
    }

    /// <summary>Counts a result; false where its worker is to be replaced.</summary>
    async Task<bool> TakeAsync(Seed seed, long number, CaseResult result, CancellationToken cancellationToken)
    {
        var exceeded = FuzzLimits.Exceeded(result);
        var detail = result.Outcome == CaseOutcome.Finding ? result.Detail : exceeded is null ? null : await AgainAsync(seed, number, cancellationToken);
        var isNew = false;
        lock (gate)
        {
            totals.Add(seed.Name, number, result);
            if (detail is not null) isNew = totals.Find(seed.Name, number, detail);
            else if (exceeded is not null) totals.Pass();
        }
        if (isNew)
        {
            Console.WriteLine($"FINDING --seed {seed.Name} --case {number}\n{detail}");
            if (options.Save is { } folder) Save(folder, seed, number);
        }
        return exceeded is null;
    }

    /// <summary>What the case costs too much of in a worker of its own, or null.</summary>
    async Task<string?> AgainAsync(Seed seed, long number, CancellationToken cancellationToken)
    {
        using var worker = await WorkerProcess.StartAsync(options.Native, cancellationToken);
        await foreach (var result in worker.RunAsync(seed.Name, number, 1, cancellationToken))
            return result.Outcome == CaseOutcome.Finding ? result.Detail : FuzzLimits.Exceeded(result);
        return null;
    }

    void Save(string folder, Seed seed, long number)
    {
        Directory.CreateDirectory(folder);
        byte[][] objects;
        lock (gate) objects = mutator.Make(seed, number);
        for (var i = 0; i < objects.Length; i++) File.WriteAllBytes(Path.Combine(folder, $"{seed.Name}-{number}-{i}.bin"), objects[i]);
    }

    async Task TellAsync(CancellationToken cancellationToken)
    {
        var pause = Console.IsOutputRedirected ? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(1);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(pause, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (cancellationToken.IsCancellationRequested) return;
            lock (gate) Console.Write(Console.IsOutputRedirected ? FuzzReport.Line(totals, clock.Elapsed) + "\n" : $"\r{FuzzReport.Line(totals, clock.Elapsed)} ");
        }
    }
}
