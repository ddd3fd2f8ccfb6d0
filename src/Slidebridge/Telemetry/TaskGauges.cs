using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Slides;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Telemetry;

/// <summary>
/// Values that are read when somebody asks: the number of tasks in each state and the wait of the oldest, for the whole cluster, and this node's
/// cache and slots. A scrape queries the database at most once every few seconds.
/// </summary>
sealed class TaskGauges : IDisposable
{
    /// <summary>The meter's name. Each bridge has one, but the process has one <see cref="TaskTelemetry"/>.</summary>
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
        meter.CreateObservableGauge("slidebridge.tasks", States, "{task}", "Tasks by state, on all nodes.");
        meter.CreateObservableGauge("slidebridge.queue.age", Age, "s", "How long the oldest waiting task has waited, on all nodes; 0: none waits.");
        meter.CreateObservableGauge("slidebridge.block.cache", () => BlockCache.Shared.HeldBytes, "By", "Bytes of slides held in memory for the next reader.");
        if (node.RunsTasks) meter.CreateObservableGauge("slidebridge.classifier.slots", () => classifier.AtATime, "{slot}", "Tasks that this node can classify at a time.");
    }

    IEnumerable<Measurement<long>> States()
    {
        var now = Query();
        return Enum.GetValues<TaskState>().Select(state => new Measurement<long>(now.States.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state.Name())));
    }

    double Age() => Query().Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0;

    /// <summary>The collector asks the instruments synchronously, one after another.</summary>
    Seen Query()
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
