using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>
/// From an acquired task to its valid result:
/// <code>
/// ─1─ open its slides ─2─ wait for the classifier and a slot ─3─ classify ─4─ validate ──► the JSON that is saved and posted
/// </code>
/// </summary>
sealed partial class Classification(
    Router router, ClassifierCatalog classifiers, ClassifierSlots slots, ScanOpener scans, Openings openings, RunRecorder recorder, TaskProgress progress, ILogger<Classification> logger)
{
    /// <summary>The name of the classifier that a task's route chooses; null where no route takes the task.</summary>
    public string? ClassifierOf(BridgeTask task) => router.Find(task.Model, task.CompanyId, StainsOf(task)) is { } route ? classifiers.Get(route.Classifier).Name : null;

    /// <summary>Classifies a task.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="slot">The run's slot among those whose slides are open; null where it holds none.</param>
    /// <param name="cost">Told what it cost, also where it fails.</param>
    /// <returns>The results' JSON, valid by the platform's rules.</returns>
    /// <exception cref="SlidebridgeException">It cannot be classified, for now or for good.</exception>
    public async Task<byte[]> RunAsync(TaskLease lease, ClassifierSlots.Place? slot, RunCost cost)
    {
        var route = router.Choose(lease.Task.Model, lease.Task.CompanyId, StainsOf(lease.Task));
        var classifier = classifiers.Get(route.Classifier);
        var settings = Router.SettingsOf(classifier.Settings, route.Settings);

        // A classifier that ignores its cancellation is left behind with its slides and its slot; what it gives then is not taken.
        var ending = CancellationTokenSource.CreateLinkedTokenSource(lease.Stopping);
        var ended = ending.Token; // Now: what classifies disposes it, perhaps at once.
        var sizes = new List<ScanSize>();
        var results = await classifier.EndingSoonAfterAsync(
            ClassifyAsync(lease, slot, classifier, settings, cost, sizes, ending), ended, lease.Stopping, () => LogLeftBehind(logger, lease.Number, RunnableClassifier.Grace));

        // 4. An invalid result never leaves the bridge.
        var json = Validate(lease.Task, results);
        await recorder.KeepOutsideAsync(lease, json, sizes);
        return json;
    }

    /// <param name="sizes">Told the size of each slide.</param>
    /// <param name="ending">Its own, for it may outlive the run.</param>
    async Task<TaskResults> ClassifyAsync(
        TaskLease lease, ClassifierSlots.Place? slot, RunnableClassifier classifier, JsonObject? settings, RunCost cost, List<ScanSize> sizes, CancellationTokenSource ending)
    {
        using var own = ending;

        // 1. Every slide of the task, all at once; and a small picture of each, while its URL is good.
        await using var opened = await OpenAsync(lease, slot, classifier.Name, settings);
        sizes.AddRange(await opened.SizesAsync());
        await using var record = recorder.Begin(lease, opened, classifier.Name, cost);

        // 2.
        using var turn = await WaitAsync(classifier, lease.Draining);

        // 3.
        using var report = progress.Begin(lease.Number);
        using var clock = record.Classifying();
        using var busy = TaskTelemetry.Classifying(classifier.Name);
        using var stage = TaskTelemetry.Stage(TaskStage.Classify);
        return await classifier.ClassifyAsync(opened.Task, new ClassifierContext(report, record.Log), ending);
    }

    async Task<OpenedTask> OpenAsync(TaskLease lease, ClassifierSlots.Place? slot, string classifier, JsonObject? settings)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Open);
        return await openings.OpenAsync(ScanOpener.HostOf(lease.Task), classifier, slot, (copied, token) => scans.OpenAsync(lease.Task, settings, copied, token), lease.Draining);
    }

    /// <summary>
    /// Waits for the classifier and for a slot, in this order: a slot that waited for a classifier which takes fewer tasks than the node would keep other
    /// classifiers' tasks waiting.
    /// </summary>
    async Task<IDisposable> WaitAsync(RunnableClassifier classifier, CancellationToken cancellationToken)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Wait);
        var held = await classifier.EnterAsync(cancellationToken);
        try
        {
            held = await slots.ClassifyAsync(held, cancellationToken);
            await classifier.WarmUpAsync(cancellationToken);
            return held;
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    static byte[] Validate(BridgeTask task, TaskResults results)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Validate);
        var json = ResultsValidator.SerializeValid(results, [.. task.Scans.Select(s => s.ScanId)]);
        LargeMemory.Free(json.Length);
        return json;
    }

    static Stain?[] StainsOf(BridgeTask task) => [.. task.Scans.Select(s => s.Stain)];

    [LoggerMessage(133, LogLevel.Error, "Task {Task}: the classifier did not stop within {Grace} and is left behind; its slot stays taken until it ends")]
    static partial void LogLeftBehind(ILogger logger, long task, TimeSpan grace);
}
