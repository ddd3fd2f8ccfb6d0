using System.Diagnostics;
using System.Diagnostics.Metrics;
using Slidebridge.Techcyte;

namespace Slidebridge.Tasks;

/// <summary>
/// What the bridge tells of its work: one trace a task, which its runs on all nodes continue, and the counts and times of /metrics.
/// Where nobody listens, a call costs a comparison. No URL, token, scan or file name goes into a tag.
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

    // Seconds: from a token in memory to a classifier that works for hours.
    static readonly InstrumentAdvice<double> StageSeconds = new() { HistogramBucketBoundaries = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600, 14400] };

    static readonly Histogram<double> Stages = Meter.CreateHistogram("slidebridge.stage.duration", "s", "How long each stage of a task took.", advice: StageSeconds);
    static readonly Counter<long> SlideBytes = Meter.CreateCounter<long>("slidebridge.slides.read", "By", "Bytes of slides received from where they lie.");
    static readonly Counter<long> Pixels = Meter.CreateCounter<long>("slidebridge.pixels.read", "{pixel}", "Pixels decoded for the classifier.");
    static readonly Counter<long> Retries = Meter.CreateCounter<long>("slidebridge.retries", "{retry}", "Tasks put off, by the stage that failed.");
    static readonly Counter<long> Ends = Meter.CreateCounter<long>("slidebridge.tasks.ended", "{task}", "Tasks that came to their end, by the state they ended in.");
    static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("slidebridge.deliveries", "{post}", "Posts of results, by how they ended.");
    static readonly Counter<double> Busy = Meter.CreateCounter<double>("slidebridge.classifier.busy", "s", "Time that classifiers worked, all slots together.");
    static readonly UpDownCounter<long> SlotsUsed = Meter.CreateUpDownCounter<long>("slidebridge.classifier.slots.used", "{slot}", "Classifier slots in use.");

    /// <summary>Begins a task's trace. It is the task's own: what called the webhook has no part in it.</summary>
    public static Activity? Accept(long task)
    {
        Activity.Current = null;
        return Source.StartActivity("accept", ActivityKind.Server)?.SetTag("slidebridge.task", task);
    }

    /// <summary>What the task's row keeps. Also where this node records no trace: those that run the task may.</summary>
    public static string TraceParentOf(Activity? accepted) => accepted?.Id ?? $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";

    /// <summary>A run of a task, in the task's trace.</summary>
    public static Activity? Run(TaskLease lease)
    {
        if (!Source.HasListeners()) return null;
        Activity.Current = null;
        ActivityContext.TryParse(lease.Task.TraceParent, null, isRemote: true, out var parent);
        return Source.StartActivity("run", ActivityKind.Consumer, parent)
            ?.SetTag("slidebridge.task", lease.Number).SetTag("slidebridge.run", lease.FencingToken).SetTag("slidebridge.node", lease.Task.Node);
    }

    /// <summary>One of <see cref="TaskStage.All"/>, from here until it is disposed: a span, and a duration.</summary>
    public static TaskStage Stage(string name) => new(Source.StartActivity(name), name);

    /// <summary>A stage that is only timed: what it is about may be no task at all.</summary>
    public static TaskStage Untraced(string name) => new(null, name);

    internal static void StageTook(string stage, TimeSpan time) => Stages.Record(time.TotalSeconds, new KeyValuePair<string, object?>("stage", stage));

    /// <summary>A slot of the classifier is taken, until what is returned is disposed.</summary>
    public static IDisposable Classifying(string classifier) => new BusySlot(classifier);

    /// <summary>A classifier's slides are closed: what they have cost.</summary>
    public static void SlidesRead(long bytes, long pixels)
    {
        SlideBytes.Add(bytes);
        Pixels.Add(pixels);
    }

    /// <summary>The run is put off.</summary>
    /// <param name="stage"><c>classify</c> or <c>deliver</c>.</param>
    /// <param name="cause">What kind of failure it was, without words that could tell of a patient.</param>
    public static void Retried(string stage, string cause)
    {
        Retries.Add(1, new KeyValuePair<string, object?>("stage", stage));
        Failed(cause);
    }

    /// <summary>The run fails; its span says by what kind of failure.</summary>
    public static void Failed(string cause) => Activity.Current?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", cause);

    public static void Ended(TaskState state) => Ends.Add(1, new KeyValuePair<string, object?>("state", state.Name()));

    /// <summary>A post has ended.</summary>
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
