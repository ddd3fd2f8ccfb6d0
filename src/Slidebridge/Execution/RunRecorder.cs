using Slidebridge.Classifiers.Catalog;
using Slidebridge.Overlays;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Keeps what a run leaves beside its result: the classifier's log, a picture of each scan, the slides' warnings, what was read.</summary>
sealed partial class RunRecorder(ITaskStore store, OverlayThumbnails thumbnails, ClassifierOptions options, ILoggerFactory loggers, TimeProvider time, ILogger<RunRecorder> logger)
{
    /// <summary>How long a picture may still take once its task is classified.</summary>
    static readonly TimeSpan PictureTime = TimeSpan.FromSeconds(10);

    /// <summary>Begins with the pictures; what is returned keeps the rest when it is disposed.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="opened">Its slides. They must stay open until the record is disposed.</param>
    /// <param name="classifier">The classifier's name.</param>
    /// <param name="cost">Told what was read, and how long the classifier worked.</param>
    public Record Begin(TaskLease lease, OpenedTask opened, string classifier, RunCost cost)
    {
        var log = new RunLog(options.LogToNode ? loggers.CreateLogger("Classifier." + classifier) : null, time);
        var pictureTime = CancellationTokenSource.CreateLinkedTokenSource(lease.Stopping);
        var pictures = thumbnails.SaveAsync(lease, opened.Task.Scans, pictureTime.Token);
        return new Record(log, () => cost.Classifying(time), async () =>
        {
            // Waited for even after a failure: the pictures are read from slides that are about to be closed. Not for long: a slide that has stopped coming would hold the task's slot.
            pictureTime.CancelAfter(PictureTime);
            await pictures;
            pictureTime.Dispose();
            await KeepAsync(lease, opened, log, cost);
        });
    }

    /// <summary>Keeps a warning for each scan whose result lies outside its slide.</summary>
    public async Task KeepOutsideAsync(TaskLease lease, byte[] json, IReadOnlyList<ScanSize> sizes)
    {
        var found = sizes.Select(size => (size.ScanId, Warning: OutsideShapes.Find(json, size.ScanId, size.Width, size.Height)));
        var warnings = found.Where(each => each.Warning is not null).Select(each => (each.ScanId, each.Warning!)).ToList();
        if (warnings.Count == 0) return;
        LogOutside(logger, lease.Number, OutsideShapes.Code);
        await store.KeepWarningsAsync(lease, warnings);
    }

    async Task KeepAsync(TaskLease lease, OpenedTask opened, RunLog log, RunCost cost)
    {
        if (log.ToString() is { Length: > 0 } text) await store.KeepLogAsync(lease, text);
        if (await opened.WarningsAsync() is { Count: > 0 } warnings)
        {
            LogSlideWarnings(logger, lease.Number, string.Join(", ", warnings.Select(each => each.Warning.Code).Distinct()));
            await store.KeepWarningsAsync(lease, warnings);
        }
        var (bytes, pixels) = await opened.ReadAsync();
        cost.Pixels = pixels;
        TaskTelemetry.SlidesRead(bytes, pixels);
    }

    [LoggerMessage(134, LogLevel.Warning, "Task {Task}: its slides have warnings: {Codes}")]
    static partial void LogSlideWarnings(ILogger logger, long task, string codes);

    [LoggerMessage(135, LogLevel.Warning, "Task {Task}: its result has a warning: {Code}")]
    static partial void LogOutside(ILogger logger, long task, string code);

    /// <param name="Log">Where the classifier writes.</param>
    /// <param name="Classifying">Counts classifier time until what it returns is disposed.</param>
    /// <param name="KeepAsync">Ends the record.</param>
    public sealed record Record(ILogger Log, Func<IDisposable> Classifying, Func<Task> KeepAsync) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(KeepAsync());
    }
}
