using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Classifiers.Inference;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Sdk;
using Slidebridge.Slides;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <summary>
/// What a whole slide takes on top of its model: the classifier from the file to the results, and the bare model on the very same batches,
/// already decoded and normalised in memory, in turn.
/// </summary>
static class OnnxBench
{
    public static async Task<int> RunAsync(int megabytes, int rounds, int threads, int sessions, CancellationToken cancellationToken)
    {
        var path = await BenchSlide.MakeAsync(megabytes, cancellationToken);
        var folder = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
        var yaml = await BenchModel.WriteAsync(folder, threads, sessions, cancellationToken);
        await using var classifier = ModelClassifier.Onnx(yaml);
        await classifier.WarmUpAsync(cancellationToken);
        var memory = await MeasureMemoryAsync(classifier, path, await BenchSlide.MakeAsync(megabytes * 8, cancellationToken), cancellationToken);

        var file = ModelFile.Read(yaml, needsModel: true);
        await using var model = new OnnxModel(file);
        var signature = await model.LoadAsync(cancellationToken);
        var batches = await ReadAsync(path, file, [], cancellationToken, ModelFit.Check(file, signature));
        var outputs = ModelFit.Outputs(file, signature);
        var tiles = batches.Sum(b => b.Count);
        AnsiConsole.WriteLine($"{tiles} tiles of {file.Input.Width} × {file.Input.Height} in batches of {file.Input.Batch}, {threads} threads, {sessions} sessions; {rounds} rounds after one that warms up.");

        var (bare, whole, tissue, read) = (new List<Cost>(), new List<Cost>(), new List<Cost>(), new List<Cost>());
        for (var round = 0; round <= rounds; round++)
        {
            var alone = await MeasureAsync(() => Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = sessions, CancellationToken = cancellationToken }, async (batch, token) =>
            {
                using var found = await model.RunAsync(batch, outputs, token);
            }));
            var complete = await MeasureAsync(() => ClassifyAsync(classifier, path, cancellationToken));
            var found = await MeasureAsync(() => FindTissueAsync(path, cancellationToken));
            var normalised = await MeasureAsync(() => ReadAsync(path, file, batches, cancellationToken));
            if (round == 0) continue;
            bare.Add(alone);
            whole.Add(complete);
            tissue.Add(found);
            read.Add(normalised);
        }
        var table = new Table().AddColumns("what", "seconds", "tiles/s", "CPU seconds", "of the bare model's time");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var (name, costs) in new[] { ("bare model, tiles in memory", bare), ("onnx: classifier, whole slide", whole), ("  alone: tissue found", tissue), ("  alone: tissue found, tiles decoded and normalised", read) })
            table.AddRow(name, Number(Median(costs.Select(c => c.Seconds)), "N2"), Number(tiles / Median(costs.Select(c => c.Seconds)), "N0"), Number(Median(costs.Select(c => c.Processor)), "N2"),
                Number(Median(costs.Zip(bare).Select(pair => pair.First.Seconds / pair.Second.Seconds)), "N3"));
        AnsiConsole.Write(table);
        AnsiConsole.Write(memory);
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    readonly record struct Cost(double Seconds, double Processor);

    static async Task<Cost> MeasureAsync(Func<Task> work)
    {
        var (processor, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        await work();
        return new Cost(watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }


    static async Task ClassifyAsync(ModelClassifier classifier, string path, CancellationToken cancellationToken)
    {
        await using var scan = new Scan("1", null, token => Slide.OpenAsync(path, cancellationToken: token));
        await classifier.ClassifyAsync(new ClassificationTask { TaskId = 1, Scans = [scan] }, new ClassifierContext(new Progress<ScanProgress>(), NullLogger.Instance), cancellationToken);
    }

    static async Task FindTissueAsync(string path, CancellationToken cancellationToken)
    {
        await using var slide = await Slide.OpenAsync(path, cancellationToken: cancellationToken);
        await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken);
    }

    // The classifier's own grid and batches; written into those there are, once there are.
    static async Task<List<InputBatch>> ReadAsync(string path, ModelFile file, List<InputBatch> batches, CancellationToken cancellationToken, InputTensor? input = null)
    {
        await using var slide = await Slide.OpenAsync(path, cancellationToken: cancellationToken);
        var grid = new TileGrid
        {
            Width = file.Input.Width,
            Height = file.Input.Height,
            Mpp = file.Input.Resolution.Mpp,
            Mask = await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken),
            MinTissue = file.Input.Tissue,
            InOrder = false,
        };
        foreach (var batch in batches) batch.Clear();
        var at = 0;
        await foreach (var tile in slide.ReadTilesAsync(grid, cancellationToken))
            using (tile)
            {
                if (at == batches.Count && input is not null) batches.Add(new InputBatch(file.Input, input));
                batches[at].Add(tile);
                if (batches[at].IsFull) at++;
            }
        return batches;
    }

    static async Task<Table> MeasureMemoryAsync(ModelClassifier classifier, string small, string large, CancellationToken cancellationToken)
    {
        var table = new Table().AddColumns("slide", "pixels", "peak memory, MB");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var path in new[] { small, large })
        {
            PeakMemory.Forget();
            await ClassifyAsync(classifier, path, cancellationToken);
            await using var slide = await Slide.OpenAsync(path, cancellationToken: cancellationToken);
            table.AddRow(Path.GetFileName(path), $"{slide.Width} × {slide.Height}", Number(PeakMemory.Megabytes, "N0"));
        }
        return table;
    }
}
