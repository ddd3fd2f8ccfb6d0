using Slidebridge.Classifiers.Catalog;
using Slidebridge.Overlays;
using Slidebridge.Provenance;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Stores what a run produces in addition to its result: the classifier's log, a picture of each scan, the slides' warnings, the amount read.</summary>
sealed partial class RunRecorder(ITaskStore store, OverlayThumbnails thumbnails, ClassifierOptions options, ILoggerFactory loggers, TimeProvider time, ILogger<RunRecorder> logger)
{
    /// <summary>How long the bridge waits for a picture after its task is classified.</summary>
    static readonly TimeSpan PictureTime = TimeSpan.FromSeconds(10);

    /// <summary>How often the log of a run that has not ended is stored, if it has grown: a short one, and how much later for each character.</summary>
    static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(5), LogEveryCharacter = TimeSpan.FromSeconds(30) / RunLog.Most;

    /// <summary>Starts making the pictures; the returned record stores the rest.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="opened">The run's slides. They must stay open until the record has ended.</param>
    /// <param name="classifier">The classifier's name.</param>
    /// <param name="cost">Receives what was read, and how long the classifier worked.</param>
    /// <param name="notes">Receives what the slides are, and which of their bytes were read.</param>
    public Record Begin(TaskLease lease, OpenedTask opened, string classifier, RunCost cost, ProvenanceNotes notes)
    {
        var log = new RunLog(options.LogToNode ? loggers.CreateLogger("Classifier." + classifier) : null, time);
        var pictureTime = CancellationTokenSource.CreateLinkedTokenSource(lease.Stopping);
        var pictures = thumbnails.SaveAsync(lease, opened.Task.Scans, pictureTime.Token);
        var isOver = new CancellationTokenSource();
        var following = FollowAsync(lease, log, isOver.Token);
        return new Record(log, () => cost.Classifying(time), async () =>
        {
            // Awaited even after a failure, because the pictures are read from slides that are about to be closed. Not for long: a slide that has stopped arriving would hold the task's slot.
            pictureTime.CancelAfter(PictureTime);
            await pictures;
            pictureTime.Dispose();
            await isOver.CancelAsync();
            await following;
            isOver.Dispose();
            await KeepAsync(lease, opened, log, cost);
            await notes.ReadAsync(opened);
        });
    }

    /// <summary>The record of a shadow classifier's run: nothing is stored for its task.</summary>
    /// <inheritdoc cref="Begin"/>
    public Record BeginShadow(OpenedTask opened, string classifier, RunCost cost, ProvenanceNotes notes) =>
        new(new RunLog(options.LogToNode ? loggers.CreateLogger("Classifier." + classifier) : null, time), () => cost.Classifying(time), () => notes.ReadAsync(opened));

    /// <summary>Stores a warning for each scan whose result lies outside its slide.</summary>
    public async Task KeepOutsideAsync(TaskLease lease, byte[] json, IReadOnlyList<SlideProvenance> slides)
    {
        var found = slides.Select(slide => (ScanId: slide.Scan, Warning: OutsideShapes.Find(json, slide.Scan, slide.Width, slide.Height)));
        var warnings = found.Where(each => each.Warning is not null).Select(each => (each.ScanId, each.Warning!)).ToList();
        if (warnings.Count == 0) return;
        LogOutside(logger, lease.Number, OutsideShapes.Code);
        await store.KeepWarningsAsync(lease, warnings);
    }

    /// <summary>Stores the log while its run goes on, so that somebody can read along.</summary>
    async Task FollowAsync(TaskLease lease, RunLog log, CancellationToken isOver)
    {
        var stored = "";
        while (true)
        {
            await Task.Delay(LogEvery + LogEveryCharacter * stored.Length, time, isOver).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (isOver.IsCancellationRequested || lease.Stopping.IsCancellationRequested) return;
            if (log.ToString() is var text && text == stored) continue;
            await store.KeepLogAsync(lease, stored = text);
        }
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

    /// <param name="Log">The classifier's log.</param>
    /// <param name="Classifying">Starts counting classifier time; disposing the result ends it.</param>
    /// <param name="KeepAsync">Stores and ends the record.</param>
    public sealed record Record(ILogger Log, Func<IDisposable> Classifying, Func<Task> KeepAsync) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(KeepAsync());
    }
}
