using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Slides;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Telemetry;

/// <summary>
/// What is looked up when somebody asks: how many tasks stand where and how long the oldest waits, of the whole cluster, and this node's
/// cache and slots. A scrape asks the database at most once in a few seconds.
/// </summary>
sealed class TaskGauges : IDisposable
{
    /// <summary>The name of its meter: one of each bridge, where <see cref="TaskTelemetry"/> is one of the process.</summary>
    public const string Name = TaskTelemetry.Name + ".Gauges";

    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    readonly Meter meter = new(Name);
    readonly IDbContextFactory<TaskDatabase> databases;
    readonly TimeProvider time;
    readonly Lock gate = new();
    Seen seen = new(new Dictionary<TaskState, int>(), null, DateTimeOffset.MinValue);

    sealed record Seen(IReadOnlyDictionary<TaskState, int> States, DateTimeOffset? Oldest, DateTimeOffset At);

    public TaskGauges(IDbContextFactory<TaskDatabase> databases, ClassifierOptions classifier, NodeOptions node, TimeProvider time)
    {
        (this.databases, this.time) = (databases, time);
        meter.CreateObservableGauge("slidebridge.tasks", States, "{task}", "Tasks by state, of all nodes.");
        meter.CreateObservableGauge("slidebridge.queue.age", Age, "s", "How long the task that waits longest has waited, of all nodes; 0: none waits.");
        meter.CreateObservableGauge("slidebridge.block.cache", () => BlockCache.Shared.HeldBytes, "By", "Bytes of slides held in memory for the next reader.");
        if (node.RunsTasks) meter.CreateObservableGauge("slidebridge.classifier.slots", () => classifier.Concurrency, "{slot}", "Classifier slots that there are.");
    }

    IEnumerable<Measurement<long>> States()
    {
        var now = Look();
        return Enum.GetValues<TaskState>().Select(state => new Measurement<long>(now.States.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state.Name())));
    }

    double Age() => Look().Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0;

    /// <summary>Instruments are asked synchronously, one after another, by whoever collects.</summary>
    Seen Look()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (now - seen.At < Fresh) return seen;
            using var database = databases.CreateDbContext();
            var states = database.Tasks.GroupBy(t => t.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionary(g => g.Key, g => g.Count);
            var oldest = database.Tasks.Where(t => t.State == TaskState.Accepted && t.VerifiedAt != null).OrderBy(t => t.AcceptedAt).Select(t => (DateTimeOffset?)t.AcceptedAt).FirstOrDefault();
            return seen = new Seen(states, oldest, now);
        }
    }

    public void Dispose() => meter.Dispose();
}
