using System.Diagnostics;
using System.Diagnostics.Metrics;
using Slidebridge.Techcyte;

namespace Slidebridge.Tasks;

/// <summary>
/// Traces and metrics of the bridge's work: one trace per task, which its runs on all nodes continue, and the counts and times of /metrics.
/// If nobody listens, a call costs one comparison. No tag contains a URL, token, scan or file name.
/// <code>
/// accept (webhook; its traceparent is kept in the row)
///   └── run (one for each run, on any node)
///         └── open, wait, classify, validate, save, look, post: <see cref="TaskStage"/>
/// </code>
/// </summary>
static class TaskTelemetry
{
    /// <summary>The name of the source of traces and of the meter.</summary>
    public const string Name = "Slidebridge";

    static readonly ActivitySource Source = new(Name);
    static readonly Meter Meter = new(Name);

    // Seconds: from fetching a token in memory to a classifier that works for hours.
    static readonly InstrumentAdvice<double> StageSeconds = new() { HistogramBucketBoundaries = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600, 14400] };

    static readonly Histogram<double> Stages = Meter.CreateHistogram("slidebridge.stage.duration", "s", "How long each stage of a task took.", advice: StageSeconds);
    static readonly Counter<long> SlideBytes = Meter.CreateCounter<long>("slidebridge.slides.read", "By", "Bytes of slides received from storage.");
    static readonly Counter<long> Pixels = Meter.CreateCounter<long>("slidebridge.pixels.read", "{pixel}", "Pixels decoded for the classifier.");
    static readonly Counter<long> Retries = Meter.CreateCounter<long>("slidebridge.retries", "{retry}", "Tasks rescheduled, by the stage that failed.");
    static readonly Counter<long> Ends = Meter.CreateCounter<long>("slidebridge.tasks.ended", "{task}", "Tasks that ended, by their final state.");
    static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("slidebridge.deliveries", "{post}", "Posts of results, by how they ended.");
    static readonly Counter<double> Busy = Meter.CreateCounter<double>("slidebridge.classifier.busy", "s", "Time that classifiers worked, summed over all slots.");
    static readonly UpDownCounter<long> SlotsUsed = Meter.CreateUpDownCounter<long>("slidebridge.classifier.slots.used", "{slot}", "Classifier slots in use.");

    /// <summary>Begins a task's trace. The webhook's caller does not continue its own trace here.</summary>
    public static Activity? Accept(long task)
    {
        Activity.Current = null;
        return Source.StartActivity("accept", ActivityKind.Server)?.SetTag("slidebridge.task", task);
    }

    /// <summary>The traceparent that the task's row stores. Needed even if this node records no trace: the nodes that run the task may.</summary>
    public static string TraceParentOf(Activity? accepted) => accepted?.Id ?? $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";

    /// <summary>Begins the span of a run, in the task's trace.</summary>
    public static Activity? Run(TaskLease lease)
    {
        if (!Source.HasListeners()) return null;
        Activity.Current = null;
        ActivityContext.TryParse(lease.Task.TraceParent, null, isRemote: true, out var parent);
        return Source.StartActivity("run", ActivityKind.Consumer, parent)
            ?.SetTag("slidebridge.task", lease.Number).SetTag("slidebridge.run", lease.FencingToken).SetTag("slidebridge.node", lease.Task.Node);
    }

    /// <summary>Begins one of <see cref="TaskStage.All"/>, until the result is disposed: a span, and a duration.</summary>
    public static TaskStage Stage(string name) => new(Source.StartActivity(name), name);

    /// <summary>A stage with a duration and no span, for work that may not belong to a task.</summary>
    public static TaskStage Untraced(string name) => new(null, name);

    internal static void StageTook(string stage, TimeSpan time) => Stages.Record(time.TotalSeconds, new KeyValuePair<string, object?>("stage", stage));

    /// <summary>Counts a slot of the classifier as used, until the result is disposed.</summary>
    public static IDisposable Classifying(string classifier) => new BusySlot(classifier);

    /// <summary>Counts what was read from a classifier's slides, once they are closed.</summary>
    public static void SlidesRead(long bytes, long pixels)
    {
        SlideBytes.Add(bytes);
        Pixels.Add(pixels);
    }

    /// <summary>Counts a rescheduled run.</summary>
    /// <param name="stage"><c>classify</c> or <c>deliver</c>.</param>
    /// <param name="cause">The kind of failure, without words that could identify a patient.</param>
    public static void Retried(string stage, string cause)
    {
        Retries.Add(1, new KeyValuePair<string, object?>("stage", stage));
        Failed(cause);
    }

    /// <summary>Marks the run's span as failed, with the kind of failure.</summary>
    public static void Failed(string cause) => Activity.Current?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", cause);

    public static void Ended(TaskState state) => Ends.Add(1, new KeyValuePair<string, object?>("state", state.Name()));

    /// <summary>Counts a post by how it ended.</summary>
    public static void Posted(PostStatus end) => Deliveries.Add(1, new KeyValuePair<string, object?>("end", end switch
    {
        PostStatus.Accepted => "accepted",
        PostStatus.Refused => "refused",
        PostStatus.NotArrived => "not arrived",
        _ => "uncertain",
    }));

    sealed class BusySlot : IDisposable
    {
        readonly long started = Stopwatch.GetTimestamp();
        readonly KeyValuePair<string, object?> classifier;

        public BusySlot(string name)
        {
            classifier = new("classifier", name);
            SlotsUsed.Add(1, classifier);
        }

        public void Dispose()
        {
            SlotsUsed.Add(-1, classifier);
            Busy.Add(Stopwatch.GetElapsedTime(started).TotalSeconds, classifier);
        }
    }
}
