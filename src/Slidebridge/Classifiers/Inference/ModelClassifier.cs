using Slidebridge.Classifiers.Inference.Batches;
using Slidebridge.Classifiers.Inference.Collecting;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Reporting;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference;

/// <summary>
/// A classifier made of a model and a file that describes it, without code:
/// 1. once: the model is loaded, checked against its file, and run on a blank batch;
/// 2. for each scan, the tissue is found, and tiles with tissue are read at the model's resolution;
/// 3. the tiles run through the model in batches, while the next ones are decoded (<see cref="InferencePipeline"/>);
/// 4. the output is collected by the kind of model (<see cref="Collecting"/>), without counting an overlap twice;
/// 5. and reported as the file says (<see cref="Reporting"/>).
/// </summary>
sealed partial class ModelClassifier : IClassifier, IMadeOfFiles, IAsyncDisposable
{
    /// <summary>The names that exporters give to a file with a large model's weights, after the model's own name.</summary>
    static readonly string[] Weights = [".data", "_data"];

    readonly ModelFile file;
    readonly IModel model;
    readonly SemaphoreSlim loading = new(1);
    Loaded? loaded;

    internal ModelClassifier(ModelFile file, IModel model) => (this.file, this.model) = (file, model);

    /// <summary>A model on this machine.</summary>
    /// <param name="argument">The path of its YAML file.</param>
    /// <exception cref="ModelFileException">The file is invalid; the message says where and why.</exception>
    public static ModelClassifier Onnx(string argument)
    {
        var file = ModelFile.Read(argument.Trim(), needsModel: true);
        return new ModelClassifier(file, new OnnxModel(file));
    }

    /// <summary>A model on a server with the Open Inference Protocol.</summary>
    /// <param name="argument">The model's address and the path of its YAML file, separated by a space.</param>
    /// <param name="time">The clock for waits between attempts; null for the system's.</param>
    /// <exception cref="ModelFileException">The address or the file is invalid; the message says where and why.</exception>
    public static ModelClassifier InferenceServer(string argument, TimeProvider? time = null)
    {
        const string Expected = "kserve: needs the model's address and its file, as in kserve:http://host:8000/v2/models/tumour tumour.yaml";
        if (argument.Trim().Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is not [var url, var path]) throw new ModelFileException($"{Expected}.");
        var address = ModelAddress.TryParse(url) ?? throw new ModelFileException($"{Expected}; the address is invalid.");
        var file = ModelFile.Read(path, needsModel: false);
        return new ModelClassifier(file, new InferenceServerModel(file, address, time ?? TimeProvider.System));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Files => [file.Path, .. file.ModelPath is { } path && model.Server is null ? Weights.Select(end => path + end).Where(File.Exists).Prepend(path) : []];

    /// <inheritdoc/>
    public string? Version => file.Version ?? model.Version;

    /// <inheritdoc/>
    public string? Server => model.Server;

    /// <inheritdoc/>
    public async Task WarmUpAsync(CancellationToken cancellationToken) => await LoadAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var thresholds = ThresholdSettings.Apply(file, task.Settings);
        var ready = await LoadAsync(cancellationToken);
        if (model.Remark is { } remark) LogRemark(context.Logger, remark);
        var results = new ResultsBuilder();
        var report = new ScanReport(file);
        var measures = new List<IReadOnlyDictionary<string, double>>();
        foreach (var scan in task.Scans)
        {
            var found = await FindAsync(scan, ready, thresholds, context, cancellationToken);
            report.Write(results.Scan(scan.Id), found);
            measures.Add(found.Measures);
            LogScan(context.Logger, task.TaskId, found.Grid.Tiles, found.Objects.Count);
        }
        CaseTriage.Write(results.Case, file.Report.Triage, measures);
        return results.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await model.DisposeAsync();
        loading.Dispose();
    }

    async Task<ScanFindings> FindAsync(Scan scan, Loaded ready, IReadOnlyList<double> thresholds, ClassifierContext context, CancellationToken cancellationToken)
    {
        var slide = await scan.OpenSlideAsync(cancellationToken);
        var tissue = file.Input.Tissue > 0 ? await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken) : null;
        var tiles = GridOf(tissue);
        var layout = LayOut(slide, tiles);
        var grid = ModelGrid.On(slide, layout, file.Input, tissue);
        var collector = Collectors.Create(file, ready.Outputs, thresholds, grid, tissue);
        var done = 0L;
        await ready.Pipeline.RunAsync(slide.ReadTilesAsync(tiles, cancellationToken), ready.Outputs, (batch, outputs) =>
        {
            collector.Add(batch, outputs);
            done += batch.Count;
            context.Progress.Report(new ScanProgress(scan.Id, Math.Min(1, (double)done / layout.Count)));
        }, cancellationToken);
        context.Progress.Report(new ScanProgress(scan.Id, 1));
        return collector.Finish(cancellationToken);
    }

    TileGrid GridOf(TissueMask? tissue) => new()
    {
        Width = file.Input.Width,
        Height = file.Input.Height,
        Overlap = file.Input.Overlap,
        Mpp = file.Input.Resolution.Mpp,
        Downsample = file.Input.Resolution.Downsample,
        Level = file.Input.Resolution.Level,
        AllowUpsampling = file.Input.AllowUpsampling,
        Mask = tissue,
        MinTissue = tissue is null ? 0.05 : file.Input.Tissue,
        InOrder = false,
    };

    TileLayout LayOut(Slide slide, TileGrid tiles)
    {
        if (tiles.Mpp is { } mpp && slide.Mpp is null)
            throw new ClassifierException($"The slide does not say its microns per pixel, but {file.File} needs {mpp} (input.mpp). For such slides, set input.downsample or input.level.");
        try
        {
            return slide.LayOutTiles(tiles);
        }
        catch (Exception e) when (e is ArgumentException or SlideResolutionException)
        {
            throw new ClassifierException($"The tiles of {file.File} cannot be read from this slide: {e.Message}", e);
        }
    }

    async Task<Loaded> LoadAsync(CancellationToken cancellationToken)
    {
        if (loaded is { } ready) return ready;
        await loading.WaitAsync(cancellationToken);
        try
        {
            if (loaded is { } other) return other;
            var signature = await model.LoadAsync(cancellationToken);
            var input = ModelFit.Check(file, signature);
            var outputs = ModelFit.Outputs(file, signature);
            InputBatch? blank = new InputBatch(file.Input, input);
            await TryAsync(blank, outputs, cancellationToken);
            var pipeline = new InferencePipeline(model, file.Runtime.Sessions, () => Interlocked.Exchange(ref blank, null) ?? new InputBatch(file.Input, input));
            return loaded = new Loaded(outputs, pipeline);
        }
        finally
        {
            loading.Release();
        }
    }

    /// <summary>A batch of white tiles shows the shapes of the model's output, which its description does not contain.</summary>
    async Task TryAsync(InputBatch batch, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        var white = new byte[file.Input.Width * file.Input.Height * 3];
        white.AsSpan().Fill(255);
        while (!batch.IsFull) batch.Add(new TilePlace(batch.Count, 0, 0, 0), white);
        var grid = new ModelGrid(batch.Count, 1, file.Input, batch.Count * (file.Input.Width - file.Input.Overlap) + file.Input.Overlap, file.Input.Height);
        using var found = await model.RunAsync(batch, outputs, cancellationToken);
        Collectors.Create(file, outputs, [.. file.Labels.Select(l => l.Threshold)], grid, null).Add(batch, found);
    }

    sealed record Loaded(IReadOnlyList<string> Outputs, InferencePipeline Pipeline);

    [LoggerMessage(400, LogLevel.Information, "Task {Task}: tiles that went through the model: {Tiles}; objects found: {Objects}")]
    static partial void LogScan(ILogger logger, long task, long tiles, int objects);

    [LoggerMessage(401, LogLevel.Warning, "{Remark}")]
    static partial void LogRemark(ILogger logger, string remark);
}
