using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Classifiers.Inference;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>A folder with models, their files and slides, and what becomes of them; every result is held against the platform's rules.</summary>
sealed class ModelFolder : IDisposable
{
    readonly TemporaryFolder folder = new();

    public TemporaryFolder Files => folder;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A model and its file.</summary>
    public string Write(byte[] model, string yaml)
    {
        File.WriteAllBytes(folder.File("model.onnx"), model);
        return Write(yaml);
    }

    /// <summary>A file alone.</summary>
    public string Write(string yaml)
    {
        File.WriteAllText(folder.File("model.yaml"), yaml);
        return folder.File("model.yaml");
    }

    public async Task<TaskResults> RunAsync(string yaml, string slide, JsonObject? settings = null, IProgress<ScanProgress>? progress = null)
    {
        await using var classifier = ModelClassifier.Onnx(yaml);
        return await RunAsync(classifier, slide, settings, progress);
    }

    public static async Task<TaskResults> RunAsync(ModelClassifier classifier, string slide, JsonObject? settings = null, IProgress<ScanProgress>? progress = null, CancellationToken? cancellation = null)
    {
        await using var scan = new Scan("17", null, c => Slide.OpenAsync(slide, cancellationToken: c));
        var task = new ClassificationTask { TaskId = 1, Scans = [scan], Settings = settings };
        var results = await classifier.ClassifyAsync(task, new ClassifierContext(progress ?? new Progress<ScanProgress>(), NullLogger.Instance), cancellation ?? Token);
        Assert.Empty(ResultsValidator.Validate(results, ["17"]));
        return results;
    }

    /// <summary>A scan's value.</summary>
    public static double Value(TaskResults results, string name) => results.ScanResults.Single().Results![name]!.GetValue<double>();

    public void Dispose() => folder.Dispose();
}
