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
    ITaskRoutes routes, ClassifierCatalog classifiers, ClassifierSlots slots, ScanOpener scans, Openings openings, FirstTiles firstTiles, RunRecorder recorder, TaskProgress progress,
    NodeOptions node, TimeProvider time, ILogger<Classification> logger)
{
    /// <summary>The name of the classifier that a route chooses for the task; null if no route matches the task.</summary>
    public string? ClassifierOf(BridgeTask task) => RouteOf(task) is not { } route ? null : WorkersOf(route) is null ? classifiers.Get(route.Classifier).Name : route.Classifier;

    /// <summary>The route that matches the task, or null.</summary>
    public ClassifierRoute? RouteOf(BridgeTask task) => routes.Find(task);

    /// <summary>The execution group of the workers elsewhere that run a route's classifier; null: it runs here.</summary>
    public string? WorkersOf(ClassifierRoute route) => classifiers.WorkersOf(route.Classifier);

    /// <summary>Classifies a task.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="slot">The run's slot among the tasks whose slides are open; null if it holds none.</param>
    /// <param name="cost">Receives the cost, also if the classification fails.</param>
    /// <param name="shadow">A shadow classifier to run in place of the route's: it does not count as a classification of the node, and changes nothing of what is stored for the task. Null: none.</param>
    /// <returns>The result, valid by the platform's rules, and what made it.</returns>
    /// <exception cref="SlidebridgeException">The task cannot be classified, temporarily or permanently.</exception>
    public async Task<ClassifiedResult> RunAsync(TaskLease lease, ClassifierSlots.Place? slot, RunCost cost, string? shadow = null)
    {
        var route = routes.Choose(lease.Task);
        var classifier = shadow is null ? classifiers.Get(route.Classifier) : classifiers.GetShadow(shadow);
        var settings = Router.SettingsOf(classifier.Settings, route.Settings);

        // The run does not wait for a classifier that ignores cancellation; that classifier keeps its slides and its slot, and its result is dropped.
        var ending = CancellationTokenSource.CreateLinkedTokenSource(lease.Stopping);
        var ended = ending.Token; // Read it now: the classification disposes the source, perhaps at once.
        var notes = new ProvenanceNotes(time);
        var results = await classifier.EndingSoonAfterAsync(
            ClassifyAsync(lease, slot, classifier, shadow is not null, settings, cost, notes, ending), ended, lease.Stopping, () => LogLeftBehind(logger, lease.Number, RunnableClassifier.Grace));

        // 4. An invalid result never leaves the bridge.
        var json = Validate(lease.Task, results);
        if (shadow is null) await recorder.KeepOutsideAsync(lease, json, notes.Slides);
        return notes.Finish(lease.Task, node.Name, json, routes.PostsProvenance(lease.Task));
    }

    /// <param name="notes">Receives what made the result.</param>
    /// <param name="ending">Owned by this method, because it may run longer than the run.</param>
    async Task<TaskResults> ClassifyAsync(
        TaskLease lease, ClassifierSlots.Place? slot, RunnableClassifier classifier, bool isShadow, JsonObject? settings, RunCost cost, ProvenanceNotes notes, CancellationTokenSource ending)
    {
        using var own = ending;

        // 1. Open all slides of the task at the same time; and make a small picture of each, while its URL is valid.
        await using var opened = await OpenAsync(lease, slot, classifier.Name, settings);
        if (classifier.ReceivesUrls)
            foreach (var scan in opened.Task.Scans) opened.Ways.GiveWhole(scan.Id);
        await using var record = isShadow ? recorder.BeginShadow(opened, classifier.Name, cost, notes) : recorder.Begin(lease, opened, classifier.Name, cost, notes);

        // 2. Meanwhile, what it will read first is fetched.
        using var turn = await firstTiles.FetchUntilAsync(classifier.Name, opened, WaitAsync(classifier, isShadow, lease.Draining));

        // 3.
        using var report = isShadow ? null : progress.Begin(lease.Number);
        using var clock = record.Classifying();
        using var busy = TaskTelemetry.Classifying(classifier.Name);
        using var stage = TaskTelemetry.Stage(TaskStage.Classify);
        var begun = time.GetTimestamp();
        notes.Begin();
        var results = await classifier.ClassifyAsync(opened.Task, new ClassifierContext(report ?? (IProgress<ScanProgress>)Unheard, record.Log), ending);
        notes.End();
        await firstTiles.NoteAsync(classifier.Name, opened);
        if (!isShadow) slots.Classified(time.GetElapsedTime(begun));
        notes.Classifier = classifier.ProvenanceWith(settings);
        return results;
    }

    async Task<OpenedTask> OpenAsync(TaskLease lease, ClassifierSlots.Place? slot, string classifier, JsonObject? settings)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Open);
        var begun = time.GetTimestamp();
        var opened = await openings.OpenAsync(ScanOpener.HostOf(lease.Task), classifier, slot, (copied, token) => scans.OpenAsync(lease.Task, settings, copied, token), lease.Draining);
        slots.Opened(time.GetElapsedTime(begun));
        return opened;
    }

    /// <summary>
    /// Waits for the classifier first, then for a slot. In the other order, a task would hold a slot while it waits for a classifier that takes fewer tasks than the node, and
    /// tasks of other classifiers would wait.
    /// </summary>
    async Task<IDisposable?> WaitAsync(RunnableClassifier classifier, bool isShadow, CancellationToken cancellationToken)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Wait);
        var held = await classifier.EnterAsync(cancellationToken);
        try
        {
            if (!isShadow) held = await slots.ClassifyAsync(held, cancellationToken);
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

    /// <summary>Nobody is shown a shadow's progress.</summary>
    static readonly Progress<ScanProgress> Unheard = new();

    [LoggerMessage(133, LogLevel.Error, "Task {Task}: the classifier ignored cancellation for {Grace}; its slot stays occupied until it returns")]
    static partial void LogLeftBehind(ILogger logger, long task, TimeSpan grace);
}
