using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Slides;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Telemetry;

/// <summary>
/// Values that are read when somebody asks: the number of tasks in each state and the wait of the oldest, for the whole cluster, and this node's
/// cache and slots.
/// </summary>
sealed class TaskGauges : IDisposable
{
    /// <summary>The meter's name. Each bridge has one, but the process has one <see cref="TaskTelemetry"/>.</summary>
    public const string Name = TaskTelemetry.Name + ".Gauges";

    readonly Meter meter = new(Name);
    readonly TimeProvider time;
    readonly GaugeReading<Seen> seen;

    sealed record Seen(IReadOnlyDictionary<TaskState, int> States, DateTimeOffset? Oldest);

    public TaskGauges(IDbContextFactory<TaskDatabase> databases, ClassifierOptions classifier, NodeOptions node, TimeProvider time)
    {
        this.time = time;
        seen = new(time, () => Query(databases));
        meter.CreateObservableGauge("slidebridge.tasks", States, "{task}", "Tasks by state, on all nodes.");
        meter.CreateObservableGauge("slidebridge.queue.age", Age, "s", "How long the oldest waiting task has waited, on all nodes; 0: none waits.");
        meter.CreateObservableGauge("slidebridge.block.cache", () => BlockCache.Shared.HeldBytes, "By", "Bytes of slides held in memory for the next reader.");
        if (node.RunsTasks) meter.CreateObservableGauge("slidebridge.classifier.slots", () => classifier.AtATime, "{slot}", "Tasks that this node can classify at a time.");
    }

    IEnumerable<Measurement<long>> States()
    {
        var now = seen.Value;
        return Enum.GetValues<TaskState>().Select(state => new Measurement<long>(now.States.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state.Name())));
    }

    double Age() => seen.Value.Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0;

    static Seen Query(IDbContextFactory<TaskDatabase> databases)
    {
        using var database = databases.CreateDbContext();
        var states = database.Tasks.GroupBy(t => t.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionary(g => g.Key, g => g.Count);
        return new(states, database.Tasks.Where(t => t.State == TaskState.Accepted && t.VerifiedAt != null).OrderBy(t => t.AcceptedAt).Select(t => (DateTimeOffset?)t.AcceptedAt).FirstOrDefault());
    }

    public void Dispose() => meter.Dispose();
}
